import { describe, expect, test } from "vitest";
import { float32, scalar, zeros } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { type Optimizer, optimizers } from "../../src/train/optimizers/index.ts";

/** Runs an optimizer on four weights for some steps with the same gradient. */
async function steps(optimizer: Optimizer, learningRate: number, gradients: number[][], weights: number[]) {
  const g = new GraphBuilder();
  const parameter = g.input("p", "float32", [4]);
  const gradient = g.input("g", "float32", [4]);
  const slots = optimizer.slots.map((name) => g.input(name, "float32", [4]));
  const after = optimizer.update(g, {
    parameter,
    gradient,
    slots,
    learningRate: g.input("lr", "float32", []),
  });
  const outputs = Object.fromEntries(
    after.slots.map((value, index) => [`next ${optimizer.slots[index]}`, value]),
  );
  const program = await nodeEngine().compile(g.finish("update", { "next p": after.parameter, ...outputs }));
  let p = float32([4], weights);
  let state = Object.fromEntries(optimizer.slots.map((name) => [name, zeros("float32", [4])]));
  for (const gradient of gradients) {
    const scaled = float32(
      [4],
      gradient.map((value) => value * optimizer.gradientScale),
    );
    const result = await program.run({ p, g: scaled, lr: scalar(learningRate), ...state });
    p = result["next p"] as typeof p;
    state = Object.fromEntries(optimizer.slots.map((name) => [name, result[`next ${name}`] as typeof p]));
  }
  await program.dispose();
  return [...p.data];
}

const gradient = [1, 6, 7, 2];
const weights = [1, 2, 3, 4];

describe("one step, against the numbers in Keras's own tests", () => {
  test.each([
    ["sgd", [0.5, -1, -0.5, 3]],
    ["rmsprop", [-0.5811, 0.4189, 1.4189, 2.4189]],
  ] as const)("%s", async (name, expected) => {
    const result = await steps(optimizers[name](), 0.5, [gradient], weights);
    for (const [index, value] of expected.entries()) expect(result[index]).toBeCloseTo(value, 4);
  });
});

test("RMSprop over several steps follows its formula, epsilon outside the root", async () => {
  const gradients = [
    [1e-4, -2, 0, 3],
    [-1e-4, 1, 0, 0.5],
    [2e-4, 1, 1e-7, -1],
  ];
  const result = await steps(optimizers.rmsprop(), 1e-2, gradients, weights);
  const expected = weights.map((start, index) => {
    let [p, v] = [start, 0];
    for (const row of gradients) {
      v = 0.9 * v + 0.1 * row[index]! ** 2;
      p -= (1e-2 * row[index]!) / (Math.sqrt(v) + 1e-7);
    }
    return p;
  });
  for (const [index, value] of expected.entries()) expect(result[index]).toBeCloseTo(value, 6);
});
