import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { gradients } from "../../src/explain/gradients.ts";
import { readSafetensors } from "../../src/formats/safetensors.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { readOnnx } from "../../src/graph/onnx/read.ts";
import * as op from "../../src/graph/operators/index.ts";
import { activations } from "../../src/inspect/activations.ts";
import { adopt } from "../../src/model/adopt.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import type { Model } from "../../src/model/model.ts";
import { predict } from "../../src/model/predict.ts";
import { shared } from "../shared.ts";

const engine = nodeEngine();
const network = smallConvnet({
  classes: ["ant", "bee", "cow"],
  size: 24,
  filters: [4, 5],
  units: 6,
  seed: 3,
});
const model: Model = { ...network, source: "own.onnx", engine };
const source = random(1, "picture");
const image = float32(
  [3, 24, 24],
  Float32Array.from({ length: 1728 }, () => source.next()),
);

/** How a number that a run gives changes along a direction: its slope, by central differences. */
async function slope(value: (image: Tensor<"float32">) => Promise<number>, direction: Float32Array) {
  const at = (step: number) =>
    value(
      float32(
        image.shape,
        image.data.map((x, i) => x + step * direction[i]!),
      ),
    );
  return ((await at(0.01)) - (await at(-0.01))) / 0.02;
}

describe("by the input, against differences", () => {
  const direction = Float32Array.from({ length: 1728 }, () => source.uniform(-1, 1) / 40);
  const along = (gradient: Tensor<"float32">): number =>
    gradient.data.reduce((sum, value, i) => sum + value * direction[i]!, 0);

  test("of a class", async () => {
    const found = await gradients(model, image, { target: "cow" });
    const gradient = found.get("input")!;
    expect(gradient.shape).toEqual([1, 3, 24, 24]);
    const logit = async (x: Tensor<"float32">) =>
      (await predict(model, x)).find(({ label }) => label === "cow")!.logit;
    expect(along(gradient)).toBeCloseTo(await slope(logit, direction), 4);
  });

  test("of a channel of a layer", async () => {
    const found = await gradients(model, image, { of: "conv2d", channel: 2 });
    const sum = async (x: Tensor<"float32">) => {
      const [layer] = await activations(model, x, { layers: ["conv2d"] });
      const { shape, data } = layer!.activation;
      const places = shape[1]! * shape[2]!;
      return data.slice(2 * places, 3 * places).reduce((a, b) => a + b, 0);
    };
    expect(along(found.get("input")!) / (await slope(sum, direction))).toBeCloseTo(1, 3);
  });
});

test("by layers and weights, each by its name and in its shape", async () => {
  const found = await gradients(model, image, { wrt: ["conv2d_1", "dense/kernel", "input"] });
  expect([...found].map(([name, { shape }]) => [name, shape])).toEqual([
    ["conv2d_1", [1, 5, 9, 9]],
    ["dense/kernel", [80, 6]],
    ["input", [1, 3, 24, 24]],
  ]);
});

test("layers go by index, glob and type too; of several the last is differentiated", async () => {
  const names = async (wrt: string) => [...(await gradients(model, image, { wrt: [wrt] })).keys()];
  expect(await names("conv2d*")).toEqual(["conv2d", "conv2d_1"]);
  expect(await names("-1")).toEqual(["dense_1"]);
  const of = async (name: string) => (await gradients(model, image, { of: name })).get("input")!.data;
  expect(await of("Conv2D")).toEqual(await of("conv2d_1"));
});

test("a value that is called by a number is not the class of that number", async () => {
  const g = new GraphBuilder(network.graph);
  g.rename(g.value("conv2d_1/Relu"), "1");
  const graph = g.finish("numbered", {
    logits: g.value("logits"),
    probabilities: g.value("probabilities"),
  });
  const numbered: Model = { ...model, graph, layers: [] };
  const byInput = async (opened: Model, options: Parameters<typeof gradients>[2]) =>
    (await gradients(opened, image, options)).get("input")!.data;
  expect(await byInput(numbered, { target: 1 })).toEqual(await byInput(model, { target: 1 }));
  expect(await byInput(numbered, { of: "1" })).toEqual(await byInput(model, { of: "conv2d_1" }));
});

test("a channel is found where channels come last", async () => {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [1, 3, 8, 8]);
  const last = op.mul(g, op.transpose(g, x, [0, 2, 3, 1]), g.constant(float32([3], [1, 2, 3])));
  const tokens = op.reshape(g, last, [1, 64, 3]);
  const graph = g.finish("last", { logits: op.reduceMean(g, tokens, [1]), last, tokens });
  const opened: Model = { ...(await adopt(graph, "last.onnx", engine)), source: "last.onnx", engine };
  const picture = float32([3, 8, 8], new Float32Array(192));
  for (const of of [last.name, tokens.name]) {
    const gradient = (await gradients(opened, picture, { of, channel: 2 })).get("input")!;
    expect([...gradient.data]).toEqual([...new Array(128).fill(0), ...new Array(64).fill(3)]);
    await expect(gradients(opened, picture, { of, channel: 3 })).rejects.toThrow("has 3 channels");
  }
});

test("what does not exist is named", async () => {
  const refused = (options: Parameters<typeof gradients>[2], message: string) =>
    expect(gradients(model, image, options)).rejects.toThrow(message);
  await refused({ wrt: ["conv9"] }, 'There is no layer, weight or value "conv9"');
  await refused({ of: "nose" }, 'There is no layer, weight or value "nose"');
  await refused({ of: "conv2d", channel: 4 }, '"conv2d/Relu" has 4 channels; there is no channel 4.');
  await refused({ target: "dog" }, 'There is no class "dog"');
  const two = float32([2, 3, 24, 24], new Float32Array(2 * 1728));
  await expect(gradients(model, two)).rejects.toThrow("Gradients are those of one image, not of 2");
});

describe.skipIf(!shared)("other libraries' networks", () => {
  const root = join(shared ?? "", "fixtures");
  const names = shared ? readdirSync(root).filter((name) => existsSync(join(root, name, "case.json"))) : [];
  test.each(names)("%s: by the input and at the target layer, as PyTorch's autograd", async (name) => {
    const info = JSON.parse(readFileSync(join(root, name, "case.json"), "utf8"));
    const { tensors } = readSafetensors(readFileSync(join(root, name, "expected.safetensors")), name);
    const graph = readOnnx(readFileSync(join(root, name, "model.onnx")), name);
    const opened: Model = { ...(await adopt(graph, name, engine)), source: name, engine };
    const activation: string = info.target_layer.onnx_value;
    const found = await gradients(opened, tensors.get("input") as Tensor<"float32">, {
      target: info.output.classes === 1 ? 1 : info.target_class,
      wrt: ["input", activation],
    });
    for (const [key, value] of [
      ["input_grad", found.get("input")!],
      ["activation_grad", found.get(activation)!],
    ] as const) {
      const expected = tensors.get(key) as Tensor<"float32">;
      const { atol, rtol } = info.tensors[key];
      expect(value.data.length).toBe(expected.data.length);
      for (const [i, reference] of expected.data.entries())
        expect(Math.abs(value.data[i]! - reference)).toBeLessThanOrEqual(atol + rtol * Math.abs(reference));
    }
  });
});
