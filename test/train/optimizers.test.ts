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
    iteration: g.input("t", "float32", []),
  });
  const outputs = Object.fromEntries(
    after.slots.map((value, index) => [`next ${optimizer.slots[index]}`, value]),
  );
  const program = await nodeEngine().compile(g.finish("update", { "next p": after.parameter, ...outputs }));
  let p = float32([4], weights);
  let state = Object.fromEntries(optimizer.slots.map((name) => [name, zeros("float32", [4])]));
  for (const [index, gradient] of gradients.entries()) {
    const scaled = float32(
      [4],
      gradient.map((value) => value * optimizer.gradientScale),
    );
    const result = await program.run({
      p,
      g: scaled,
      lr: scalar(learningRate),
      t: scalar(index + 1),
      ...state,
    });
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
    ["adam", [0.5, 1.5, 2.5, 3.5]],
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

/** Three gradients whose signs and sizes change. */
const several = [
  [1e-2, -2, 0, 3],
  [-1e-2, 1, 0, 0.5],
  [2e-2, 1, 1e-4, -1],
];

/** Each weight by itself, as a loop over the steps; `state` begins as zeros. */
function looped(step: (p: number, gradient: number, state: number[], t: number) => number): number[] {
  return weights.map((start, index) => {
    const state = [0, 0];
    return several.reduce((p, row, at) => step(p, row[index]!, state, at + 1), start);
  });
}

const rate = 0.05;

test.each<[string, Optimizer, number[]]>([
  [
    "SGD with momentum",
    optimizers.sgd({ momentum: 0.9 }),
    looped((p, gradient, state) => {
      state[0] = 0.9 * state[0]! - rate * gradient;
      return p + state[0];
    }),
  ],
  [
    "SGD with Nesterov's momentum",
    optimizers.sgd({ momentum: 0.9, nesterov: true }),
    looped((p, gradient, state) => {
      state[0] = 0.9 * state[0]! - rate * gradient;
      return p + 0.9 * state[0] - rate * gradient;
    }),
  ],
  [
    "Adam",
    optimizers.adam(),
    looped((p, gradient, state, t) => {
      state[0] = 0.9 * state[0]! + 0.1 * gradient;
      state[1] = 0.999 * state[1]! + 0.001 * gradient ** 2;
      const [m, v] = [state[0] / (1 - 0.9 ** t), state[1] / (1 - 0.999 ** t)];
      return p - (rate * m) / (Math.sqrt(v) + 1e-7 / Math.sqrt(1 - 0.999 ** t));
    }),
  ],
])("%s over several steps follows its formula", async (_, optimizer, expected) => {
  const result = await steps(optimizer, rate, several, weights);
  for (const [index, value] of expected.entries()) expect(result[index]).toBeCloseTo(value, 5);
});
