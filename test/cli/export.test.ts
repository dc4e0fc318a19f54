import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { exportFormats } from "../../src/export/formats/index.ts";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { convscope, desk, jsonLines } from "./convscope.ts";

const names = exportFormats.map(({ name }) => name);

beforeAll(() => {
  const { graph } = smallConvnet({ classes: ["cat", "dog"], size: 32, filters: [8, 8], units: 16 });
  mkdirSync(join(desk, "run"));
  writeFileSync(join(desk, "run/model.onnx"), writeOnnx(graph));
  writeFileSync(join(desk, "foreign.onnx"), writeOnnx({ ...graph, metadata: new Map() }));
});

describe("export", () => {
  test("writes a run's network, and says what it takes and gives and how it was checked", async () => {
    const { code, stdout, stderr } = await convscope("export", "run", "-o", "out/cats.onnx");
    expect([code, stderr]).toEqual([0, ""]);
    expect(
      stdout.replace(/[\d.]+ KB/, "N KB").replace(/the same to \de-\d+|exactly the same/, "AGREEMENT"),
    ).toBe(
      [
        "out/cats.onnx: onnx, N KB",
        "  takes  image  float32 [N, 3, 32, 32]",
        "  gives  logits  float32 [N, 1]",
        "  gives  probabilities  float32 [N, 2]",
        "photos are prepared so: unit (RGB, levels minus 0, over 255), squashed to 32×32, linear filter",
        "opened anew it gives AGREEMENT",
        "",
      ].join("\n"),
    );
    expect(statSync(join(desk, "out/cats.onnx")).size).toBeGreaterThan(10_000);
  });

  test("with preprocessing it takes photos", async () => {
    const { stdout } = await convscope("export", "run", "--with-preprocessing", "-o", "photo.onnx");
    expect(stdout).toContain(
      [
        "  takes  photo  uint8 [H, W, 3]",
        "  gives  label  string [1]",
        "  gives  logits  float32 [1]",
        "  gives  probabilities  float32 [2]",
      ].join("\n"),
    );
    const again = await convscope("predict", "photo.onnx", "x.jpg");
    expect([again.code, again.stderr]).toEqual([
      1,
      "convscope: photo.onnx is for other hosts to run; give the model that it was made from.\n",
    ]);
  });

  test.each(names)("--json names the files of %s, and how closely they agree", async (name) => {
    const { code, stdout, stderr } = await convscope("export", "run", "--format", name, "-o", name, "--json");
    expect([code, stderr]).toEqual([0, ""]);
    const [{ format, files, difference }] = jsonLines<{
      format: string;
      files: string[];
      difference: number;
    }>(stdout) as [{ format: string; files: string[]; difference: number }];
    expect(format).toBe(name);
    expect(difference).toBeLessThan(1e-5);
    for (const file of files) expect(existsSync(join(desk, file)), file).toBe(true);
  });

  test("a model from elsewhere needs its preprocessing said", async () => {
    const words = ["export", "foreign.onnx", "--with-preprocessing", "-o", "x.onnx"];
    const { code, stderr } = await convscope(...words);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^convscope: The network does not say how .*; choose \(--preprocess\): unit \(/);
    expect(existsSync(join(desk, "x.onnx"))).toBe(false);
    expect((await convscope(...words, "--preprocess", "tf")).stdout).toContain(
      "photos are prepared so: tf (RGB, ",
    );
  });

  test("an unknown format, and no place to write to, are wrong use", async () => {
    const unknown = await convscope("export", "run", "--format", "onxx", "-o", "x.onnx");
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      `convscope: option '--format <name>' argument 'onxx' is invalid. Allowed choices are ${names.join(", ")}.\n\`convscope export --help\` says how to use it.\n`,
    ]);
    const nowhere = await convscope("export", "run");
    expect([nowhere.code, nowhere.stderr.split("\n")[0]]).toEqual([
      2,
      "convscope: required option '-o, --out <path>' not specified",
    ]);
  });

  test("what cannot be written is said, and leaves what there was", async () => {
    const before = readFileSync(join(desk, "run/model.onnx"));
    const { code, stderr } = await convscope("export", "run", "-o", "run");
    expect([code, stderr]).toEqual([
      1,
      "convscope: run was not written: a folder stands in its place; choose another name. What stood there before is unharmed.\n",
    ]);
    expect(readFileSync(join(desk, "run/model.onnx"))).toEqual(before);
  });
});
