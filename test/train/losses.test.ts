import { expect, test } from "vitest";
import { gradient } from "../../src/autodiff/gradient.ts";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { crossEntropy, favoured } from "../../src/evaluate/cross-entropy.ts";
import { scorings } from "../../src/evaluate/tasks/index.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import * as op from "../../src/graph/operators/index.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { taskOf } from "../../src/model/tasks/index.ts";
import { withScale } from "../../src/model/tasks/regression.ts";
import { type Loss, lossFor } from "../../src/train/losses/index.ts";
import { smoothedTargets } from "../../src/train/targets.ts";

async function meanLoss(loss: Loss, logits: Tensor<"float32">, targets: Tensor<"float32">): Promise<number> {
  const g = new GraphBuilder();
  const each = loss.each(g, g.input("z", "float32", logits.shape), g.input("y", "float32", targets.shape));
  const mean = op.reduceMean(g, each, [0]);
  const program = await nodeEngine().compile(g.finish("loss", { mean }));
  const result = await program.run({ z: logits, y: targets });
  await program.dispose();
  return Number(result.mean!.data[0]);
}

/** Rows to aim for of pictures of these classes, of `classes` in all. */
function targets(labels: readonly number[], classes: number, smoothing = 0): Tensor<"float32"> {
  const network = smallConvnet({
    classes: Array.from({ length: classes }, (_, at) => String(at)),
    ...{ size: 8, filters: [1], units: 1 },
  });
  const rows = labels.map((label) => taskOf(network).target({ label }, network));
  return smoothedTargets(rows, network, smoothing);
}

test("binary cross-entropy from logits has the value of Keras's own test, to the three digits it checks", async () => {
  const logits = float32([6, 1], [10, -10, 10, 10, 10, -10]);
  expect(await meanLoss(lossFor(2), logits, targets([1, 0, 1, 0, 1, 1], 2))).toBeCloseTo(3.3333, 3);
});

test("categorical cross-entropy from logits has the value of Keras's own test, to the three digits it checks", async () => {
  const logits = float32([3, 3], [8, 1, 1, 0, 9, 1, 2, 3, 5]);
  expect(await meanLoss(lossFor(3), logits, targets([0, 1, 2], 3))).toBeCloseTo(0.0573, 3);
});

test("smoothed labels give the value of Keras's own test, and binary ones that of the formula", async () => {
  expect([...targets([2], 3, 0.3).data]).toEqual([0.1, 0.1, 0.8].map(Math.fround));
  expect([...targets([0, 1], 2, 0.2).data]).toEqual([0.1, 0.9].map(Math.fround));
  const logits = [10, -10, 10, 10, 10, -10];
  const labels = [1, 0, 1, 0, 1, 1];
  const smoothed = targets(labels, 2, 0.1);
  expect(await meanLoss(lossFor(2), float32([6, 1], logits), smoothed)).toBeCloseTo(3.5, 3);
});

test("of several labels it is the mean over them, as Keras has it", async () => {
  // Keras: binary_crossentropy([[1, 0], [1, 1]], sigmoid([[2, −1], [0, −3]])) is [0.22009, 1.87087].
  const loss = lossFor(2, "multi-label");
  const labels = float32([2, 2], [1, 0, 1, 1]);
  expect(await meanLoss(loss, float32([2, 2], [2, -1, 0, -3]), labels)).toBeCloseTo(
    (0.22009 + 1.87087) / 2,
    4,
  );
  expect(await meanLoss(loss, float32([1, 2], [100, -100]), float32([1, 2], [0, 1]))).toBeCloseTo(100, 4);
  const network = smallConvnet({
    task: "multi-label",
    classes: ["a", "b", "c"],
    size: 8,
    filters: [1],
    units: 1,
  });
  const smoothed = [...smoothedTargets([[1, 0, 1]], network, 0.1).data];
  expect(smoothed).toEqual([0.95, 0.05, 0.95].map(Math.fround));
});

test("of a value it is the squared error in standard deviations", async () => {
  const loss = lossFor(1, "regression");
  const options = { task: "regression", classes: ["x"], size: 8, filters: [1], units: 1 } as const;
  const network = withScale(smallConvnet(options), { mean: 10, deviation: 4 });
  const rows = [12, 2].map((value) => taskOf(network).target({ label: -1, values: [value] }, network));
  // 0.5 and −2 against 1 and 0.5: (0.25 + 6.25) / 2.
  expect(await meanLoss(loss, float32([2, 1], [1, 0.5]), smoothedTargets(rows, network, 0))).toBe(3.25);
  expect(() => smoothedTargets(rows, network, 0.1)).toThrow(
    "Labels are smoothed; what is learnt here is a number (regression), so leave label smoothing at 0.",
  );
});

test("gradients are the differences of what evaluation counts as loss", async () => {
  const cases = [
    ["single-label", 2, [[0.7], [-2], [3]], [[1], [1], [0]]],
    [
      "single-label",
      3,
      [
        [0.7, -1, 2],
        [3, 0, 0.5],
      ],
      [
        [1, 0, 0],
        [0, 0, 1],
      ],
    ],
    [
      "multi-label",
      3,
      [
        [0.7, -1, 2],
        [3, 0, 0.5],
      ],
      [
        [1, 0, 1],
        [0, 1, 1],
      ],
    ],
    ["regression", 1, [[0.7], [-2], [3]], [[1.5], [-2.25], [0]]],
  ] as const;
  for (const [task, classes, logits, aims] of cases) {
    const shape = [logits.length, logits[0].length];
    const g = new GraphBuilder();
    const z = g.input("z", "float32", shape);
    const each = lossFor(classes, task).each(g, z, g.input("y", "float32", shape));
    const [slope] = gradient(g, op.reduceMean(g, each, [0]), [z]);
    const program = await nodeEngine().compile(g.finish("slope", { slope: slope! }));
    const result = await program.run({ z: float32(shape, logits.flat()), y: float32(shape, aims.flat()) });
    await program.dispose();
    const { loss } = scorings[task];
    const differences = logits.flatMap((row, at) =>
      row.map((_, column) => {
        const moved = (by: number) =>
          loss(
            row.map((value, other) => value + (other === column ? by : 0)),
            aims[at]!,
          );
        return (moved(1e-4) - moved(-1e-4)) / 2e-4 / logits.length;
      }),
    );
    for (const [at, value] of differences.entries())
      expect(Math.abs(Number(result.slope!.data[at]) - value), `${task} ${at}`).toBeLessThan(1e-6);
  }
});

test("neither overflows where exp would", async () => {
  const binary = await meanLoss(lossFor(2), float32([2, 1], [500, -500]), targets([0, 1], 2));
  expect(binary).toBeCloseTo(500, 3);
  const several = await meanLoss(lossFor(3), float32([1, 3], [900, 0, -900]), targets([1], 3));
  expect(several).toBeCloseTo(900, 3);
});

test("evaluation's cross-entropy is the loss that training makes small", async () => {
  const rows = [
    [2, -1, 0.5],
    [-3, 4, 4],
    [0, 0, 0],
  ];
  const labels = [0, 2, 1];
  const graph = await meanLoss(lossFor(3), float32([3, 3], rows.flat()), targets(labels, 3));
  expect(rows.reduce((sum, row, at) => sum + crossEntropy(row, labels[at]!), 0) / 3).toBeCloseTo(graph, 5);
  const logits = [1.5, -0.25, 30];
  const binary = await meanLoss(lossFor(2), float32([3, 1], logits), targets([1, 1, 0], 2));
  expect(logits.reduce((sum, z, at) => sum + crossEntropy([z], [1, 1, 0][at]!), 0) / 3).toBeCloseTo(
    binary,
    5,
  );
});

test("the favoured class: the sign of one logit, the largest of several, the first of equals", () => {
  expect([favoured([0.1]), favoured([0]), favoured([-2])]).toEqual([1, 0, 0]);
  expect([favoured([1, 3, 2]), favoured([5, 5, 1])]).toEqual([1, 0]);
});
