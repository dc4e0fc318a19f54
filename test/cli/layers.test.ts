import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { convscope, desk, jsonLines } from "./convscope.ts";

beforeAll(() => {
  const network = smallConvnet({ classes: ["cat", "dog"], size: 40, filters: [8, 16], units: 12 });
  writeFileSync(join(desk, "net.onnx"), writeOnnx(network.graph));
});

describe("layers", () => {
  test("are a table, with the one that is explained at marked", async () => {
    const { code, stdout, stderr } = await convscope("layers", "net.onnx");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(`\
   #  layer            type          shape     parameters  sees  stride  explain
   0  conv2d           Conv2D        8×38×38          224     3       1  yes
   1  max_pooling2d    MaxPooling2D  8×19×19            0     4       2  yes
*  2  conv2d_1         Conv2D        16×17×17       1,168     8       2  yes
   3  max_pooling2d_1  MaxPooling2D  16×8×8             0    10       4  yes
   4  flatten          Flatten       1024               0   all
   5  dropout          Dropout       1024               0   all
   6  dense            Dense         12            12,300   all
   7  dense_1          Dense         1                 13   all
`);
  });

  test("are picked by name, glob and type", async () => {
    const names = async (...words: string[]): Promise<unknown[]> =>
      jsonLines((await convscope("layers", "net.onnx", ...words, "--json")).stdout).map(({ name }) => name);
    expect(await names("max*")).toEqual(["max_pooling2d", "max_pooling2d_1"]);
    expect(await names("--type", "conv2d")).toEqual(["conv2d", "conv2d_1"]);
    expect(await names("*_1", "--type", "Dense")).toEqual(["dense_1"]);
    expect(await names("6")).toEqual(["dense"]);
  });

  test("as JSON", async () => {
    const [layer] = jsonLines((await convscope("layers", "net.onnx", "conv2d_1", "--json")).stdout);
    expect(layer).toEqual({
      index: 2,
      name: "conv2d_1",
      type: "Conv2D",
      shape: [16, 17, 17],
      parameters: 1168,
      field: { size: [8, 8], stride: [2, 2] },
      target: true,
      default: true,
    });
  });

  test("that are not there are named, with those that are", async () => {
    const refused = async (...words: string[]): Promise<[number | null, string]> => {
      const { code, stderr } = await convscope("layers", "net.onnx", ...words);
      return [code, stderr];
    };
    expect(await refused("conv9")).toEqual([
      1,
      'convscope: There is no layer "conv9"; the layers are conv2d, max_pooling2d, conv2d_1, max_pooling2d_1, flatten, dropout, dense and dense_1.\n',
    ]);
    expect(await refused("--type", "LSTM")).toEqual([
      1,
      'convscope: There is no layer of type "LSTM"; the types are Conv2D, MaxPooling2D, Flatten, Dropout and Dense.\n',
    ]);
  });
});
