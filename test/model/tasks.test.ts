import { describe, expect, test } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { float32 } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { explain } from "../../src/explain/explain.ts";
import { readOnnx } from "../../src/graph/onnx/read.ts";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { describedNetwork } from "../../src/model/description.ts";
import type { Model, Network } from "../../src/model/model.ts";
import { forward, predict } from "../../src/model/predict.ts";
import { type TaskName, taskOf, tasks } from "../../src/model/tasks/index.ts";
import { scaleOf, withScale } from "../../src/model/tasks/regression.ts";
import { transfer } from "../../src/model/transfer.ts";

const engine = nodeEngine({ threads: 1 });
const small = (task: TaskName | undefined, classes: readonly string[]): Network =>
  smallConvnet({ task, classes, size: 12, filters: [3], units: 4, seed: 5 });

/** As it comes out of a file. */
async function saved(network: Network): Promise<Model> {
  const described = await describedNetwork(readOnnx(writeOnnx(network.graph), "file"), "file", engine);
  return { ...described!, source: "file", engine };
}

const image = float32(
  [1, 3, 12, 12],
  Array.from({ length: 432 }, (_, at) => Math.sin(at)),
);
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

test("labels have a logit and a probability each, be they two or one", async () => {
  for (const classes of [["a"], ["a", "b"], ["a", "b", "c"]]) {
    const model = await saved(small("multi-label", classes));
    expect(model).toMatchObject({ task: "multi-label", classes });
    const { logits, probabilities } = await forward(model, image);
    expect([logits.shape, probabilities!.shape]).toEqual([
      [1, classes.length],
      [1, classes.length],
    ]);
    const said = await predict(model, image);
    expect(said.map(({ label }) => label).sort()).toEqual(classes);
    for (const { index, logit, probability } of said) {
      expect(logit).toBe(logits.data[index]);
      expect(probability).toBeCloseTo(sigmoid(logit), 6);
    }
    // The evidence for a label is that of its own logit, which no other takes part in.
    const maps = await Promise.all(classes.map((target) => explain(model, image, { target })));
    for (const [index, { target }] of maps.entries()) expect(target.logit).toBe(logits.data[index]);
    expect(new Set(maps.map(({ raw }) => String(raw.data))).size).toBe(classes.length);
  }
});

test("a value is the logit on the scale of the training pictures", async () => {
  const network = withScale(small("regression", ["height"]), { mean: 170, deviation: 12.5 });
  const model = await saved(network);
  expect(scaleOf(model)).toEqual({ mean: 170, deviation: 12.5 });
  expect(model.graph.outputs.map(({ name }) => name)).toEqual(["logits", "value"]);
  const [said] = await predict(model, image);
  expect(said).toMatchObject({ label: "height", index: 0, probability: Number.NaN });
  expect(said!.value).toBeCloseTo(170 + 12.5 * said!.logit, 4);
  const explained = await explain(model, image);
  expect(explained.target).toEqual(said);
  // One logit that two classes share would speak for the first where it is negative.
  const shared = await saved(small(undefined, ["small", "large"]));
  const { raw } = await explain(shared, image, { target: "large" });
  // A value is explained in its own unit.
  for (const [at, value] of raw.data.entries()) expect(explained.raw.data[at]).toBeCloseTo(12.5 * value, 5);
});

test("the row to aim for", () => {
  const three = small(undefined, ["a", "b", "c"]);
  const height = withScale(small("regression", ["height"]), { mean: 170, deviation: 12.5 });
  expect(taskOf(three).target({ label: 2 }, three)).toEqual([0, 0, 1]);
  expect(tasks["single-label"].target({ label: 1 }, { ...three, classes: ["a", "b"] })).toEqual([1]);
  expect(tasks["multi-label"].target({ label: -1, values: [1, 0, 1] }, three)).toEqual([1, 0, 1]);
  expect(taskOf(height).target({ label: -1, values: [195] }, height)).toEqual([2]);
});

test("a new head is of any task", async () => {
  const { network, head } = transfer(small(undefined, ["a", "b"]), { task: "regression", classes: ["x"] });
  expect([network.task, head.task]).toEqual(["regression", "regression"]);
  expect(head.graph.outputs.map(({ name, shape }) => [name, shape])).toEqual([
    ["logits", ["N", 1]],
    ["value", ["N", 1]],
  ]);
  const model = await saved(withScale(network, { mean: 3, deviation: 2 }));
  const [said] = await predict(model, image);
  expect(said!.value).toBeCloseTo(3 + 2 * said!.logit, 5);
});

describe("a file's description", () => {
  const described = (change: (description: Record<string, unknown>) => object) => {
    const { graph } = small("multi-label", ["a", "b"]);
    const description = JSON.parse(graph.metadata.get("convscope")!);
    const metadata = new Map([["convscope", JSON.stringify(change(description))]]);
    return describedNetwork(readOnnx(writeOnnx({ ...graph, metadata }), "file"), "file", engine);
  };

  test("is of one class of several where no task stands in it, as in older files", async () => {
    expect(small(undefined, ["a", "b"]).graph.metadata.get("convscope")).not.toContain('"task"');
    expect((await saved(small(undefined, ["a", "b"]))).task).toBeUndefined();
  });

  test("must have a task that there is, and as many scores as that has", async () => {
    await expect(described((same) => same)).resolves.toMatchObject({ task: "multi-label" });
    for (const task of ["toString", "single-label", "regression", 7])
      await expect(
        described((same) => ({ ...same, task })),
        String(task),
      ).rejects.toThrow(UserError);
    await expect(described((same) => ({ ...same, classes: [] }))).rejects.toThrow(UserError);
  });
});

test("fewer classes than a task needs", () => {
  expect(() => small(undefined, ["a"])).toThrow("the small convnet tells classes apart; name two or more.");
  expect(() => small("multi-label", [])).toThrow(
    "the small convnet has nothing to say; name the labels, or the value.",
  );
});
