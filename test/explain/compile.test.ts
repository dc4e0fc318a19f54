import * as native from "onnxruntime-node";
import * as web from "onnxruntime-web/wasm";
import { describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { type CompileExplanationOptions, compileExplanation } from "../../src/explain/compile.ts";
import { explain } from "../../src/explain/explain.ts";
import { readOnnx } from "../../src/graph/onnx/read.ts";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { adopt } from "../../src/model/adopt.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { describedNetwork } from "../../src/model/description.ts";
import type { Model } from "../../src/model/model.ts";

web.env.wasm.numThreads = 1;

const engine = nodeEngine();
const network = smallConvnet({
  classes: ["ant", "bee", "cow"],
  size: 30,
  filters: [6, 8],
  units: 8,
  seed: 2,
});
const own: Model = { ...network, source: "own.onnx", engine };

const size = 3 * 30 * 30;
const source = random(1, "pictures");
const pictures = Float32Array.from({ length: 2 * size }, () => source.next());
const row = (n: number): Tensor<"float32"> => float32([3, 30, 30], pictures.slice(n * size, (n + 1) * size));

/** Runs the file in a host that knows nothing of us. */
async function host(ort: typeof native | typeof web, bytes: Uint8Array, batch: number, targets?: number[]) {
  const session = await (ort as typeof native).InferenceSession.create(bytes);
  const results = await session.run({
    image: new ort.Tensor("float32", pictures.slice(0, batch * size), [batch, 3, 30, 30]),
    ...(targets && { target: new ort.Tensor("int64", BigInt64Array.from(targets, BigInt), [batch]) }),
  });
  await session.release();
  return results as Record<string, { dims: readonly number[]; data: Float32Array }>;
}

const compiled = async (options: CompileExplanationOptions, model = own): Promise<Uint8Array> =>
  writeOnnx((await compileExplanation(model, options)).graph);

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  const scale = Math.max(...Array.from(expected, Math.abs));
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++)
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(1e-5 * scale);
}

describe.each([
  ["onnxruntime-node", native],
  ["onnxruntime-web", web],
] as const)("in plain %s", (_, ort) => {
  test("the class is an input, another for each picture", async () => {
    const results = await host(ort, await compiled({ batch: 2 }), 2, [2, -1]);
    const expected = [await explain(own, row(0), { target: "cow" }), await explain(own, row(1))];
    for (const [n, { raw, attribution, scores }] of expected.entries()) {
      const part = (name: string, length: number) => results[name]!.data.slice(n * length, (n + 1) * length);
      expectClose(part("raw", raw.data.length), raw.data);
      expectClose(part("heatmap", 900), attribution.data);
      expectClose(
        part("logits", 3),
        scores.map(({ logit }) => logit),
      );
      expectClose(
        part("probabilities", 3),
        scores.map(({ probability }) => probability),
      );
    }
    expect(results.heatmap!.dims).toEqual([2, 30, 30]);
  });

  test("the class and the layer are fixed", async () => {
    const options = { target: "bee", layer: "conv2d" } as const;
    const results = await host(ort, await compiled(options), 1);
    expectClose(results.raw!.data, (await explain(own, row(0), options)).raw.data);
  });
});

test("a network from elsewhere", async () => {
  const foreign = readOnnx(writeOnnx({ ...network.graph, metadata: new Map() }), "foreign.onnx");
  const model: Model = {
    ...(await adopt(foreign, "foreign.onnx", engine)),
    source: "foreign.onnx",
    engine,
  };
  const results = await host(native, await compiled({ target: 1 }, model), 1);
  expectClose(results.raw!.data, (await explain(model, row(0), { target: 1 })).raw.data);
});

test("what does not exist is named, and a compiled file is no model to compile again", async () => {
  await expect(compiled({ target: "dog" })).rejects.toThrow(
    'There is no class "dog"; the classes are ant (0), bee (1) and cow (2).',
  );
  await expect(compiled({ method: "magic" })).rejects.toThrow('There is no method "magic"');
  const again = readOnnx(await compiled({}), "x.gradcam.onnx");
  await expect(describedNetwork(again, "x.gradcam.onnx", engine)).rejects.toThrow(
    "x.gradcam.onnx is for other hosts to run; give the model that it was made from.",
  );
});
