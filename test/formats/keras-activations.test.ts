import { expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { float32 } from "../../src/base/tensor.ts";
import { kerasGraph } from "../../src/formats/keras/graph/keras-graph.ts";
import { checkPictureGradient, layer, outputsOf, sequential } from "./keras-model.ts";

const [H, W, C] = [5, 8, 2];
/** From −5 to 5 by eighths, each a sixteenth away from where functions may have a kink. */
const pictures = float32(
  [1, H, W, C],
  random(8, "pictures").shuffle(Array.from({ length: H * W * C }, (_, at) => (at - 39.5) / 8)),
);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const clip = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x));

/** By their words in Keras 3's documentation. */
const functions: Record<string, (x: number) => number> = {
  celu: (x) => (x < 0 ? Math.expm1(x) : x),
  elu: (x) => (x < 0 ? Math.expm1(x) : x),
  exponential: Math.exp,
  hard_shrink: (x) => (Math.abs(x) > 0.5 ? x : 0),
  hard_sigmoid: (x) => clip(x / 6 + 0.5, 0, 1),
  hard_silu: (x) => x * clip(x / 6 + 0.5, 0, 1),
  hard_swish: (x) => x * clip(x / 6 + 0.5, 0, 1),
  hard_tanh: (x) => clip(x, -1, 1),
  leaky_relu: (x) => (x < 0 ? 0.2 * x : x),
  linear: (x) => x,
  log_sigmoid: (x) => Math.log(sigmoid(x)),
  mish: (x) => x * Math.tanh(Math.log1p(Math.exp(x))),
  relu: (x) => Math.max(0, x),
  relu6: (x) => clip(x, 0, 6),
  selu: (x) => 1.0507009873554805 * (x < 0 ? 1.6732632423543772 * Math.expm1(x) : x),
  sigmoid,
  silu: (x) => x * sigmoid(x),
  soft_shrink: (x) => (x > 0.5 ? x - 0.5 : x < -0.5 ? x + 0.5 : 0),
  softplus: (x) => Math.log1p(Math.exp(x)),
  softsign: (x) => x / (1 + Math.abs(x)),
  sparse_plus: (x) => (x <= -1 ? 0 : x < 1 ? (x + 1) ** 2 / 4 : x),
  sparse_sigmoid: (x) => clip((x + 1) / 2, 0, 1),
  squareplus: (x) => (x + Math.sqrt(x * x + 4)) / 2,
  swish: (x) => x * sigmoid(x),
  tanh: Math.tanh,
  tanh_shrink: (x) => x - Math.tanh(x),
};

const activated = (activation: string) => sequential([H, W, C], [layer("Activation", { activation })]);

test.each(Object.entries(functions))("%s", async (name, of) => {
  const saved = activated(name);
  const [found] = await outputsOf(saved, pictures);
  expect(found).toHaveLength(pictures.data.length);
  for (const [at, x] of pictures.data.entries()) expect(found![at]! - of(x)).toBeCloseTo(0, 5);
  await checkPictureGradient(saved, pictures);
});

test("glu gates the first half of the channels by the second", async () => {
  const saved = activated("glu");
  const [found] = await outputsOf(saved, pictures);
  expect(found).toHaveLength(H * W);
  for (const [place, value] of found!.entries()) {
    const [gated, gate] = pictures.data.slice(2 * place);
    expect(value).toBeCloseTo(gated! * sigmoid(gate!), 5);
  }
  await checkPictureGradient(saved, pictures);
  const odd = sequential([H, W, 3], [layer("Activation", { activation: "glu" })]);
  expect(() => kerasGraph(odd, "net", 32)).toThrow("gates 3 channels by half of them, which must be even");
});

test("a layer's own settings are not its activation's", async () => {
  // Along channels, though the layer has an axis of its own.
  const saved = sequential([H, W, C], [layer("Activation", { activation: "softmax", axis: 1, alpha: 3 })]);
  const [found] = await outputsOf(saved, pictures);
  for (let place = 0; place < H * W; place++)
    expect(found![2 * place]! + found![2 * place + 1]!).toBeCloseTo(1, 6);
});

test("sparsemax is refused", () => {
  expect(() => kerasGraph(activated("sparsemax"), "net", 32)).toThrow(
    'has the activation "sparsemax", which is not known here',
  );
});
