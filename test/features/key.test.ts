import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeEngine } from "../../src/engine/node.ts";
import { featureKey } from "../../src/features/key.ts";
import type { Initializer } from "../../src/graph/graph.ts";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import type { InputSpec, Model } from "../../src/model/model.ts";
import { openModel } from "../../src/model/open.node.ts";
import { presetFor } from "../../src/model/preprocessing.ts";
import { temporaryFolder } from "../data/files.ts";
import { small as model, valueAfter } from "./small.ts";

const keyOf = (other: Model, layer?: string): Promise<string> => featureKey(other, valueAfter(other, layer));

/** The model with one bit of a weight turned over. */
function turned(name: string): Model {
  const weight = model.graph.initializers.get(name)!;
  const bytes = weight.bytes.with(2, weight.bytes[2]! ^ 1);
  const changed: Initializer = { ...weight, bytes };
  return {
    ...model,
    graph: { ...model.graph, initializers: new Map([...model.graph.initializers, [name, changed]]) },
  };
}

const prepared = (changes: Partial<InputSpec>): Model => ({
  ...model,
  input: { ...model.input, ...changes },
});

test("is the same wherever the model lies and whatever it is called", async () => {
  const key = await keyOf(model);
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  for (const name of ["one.onnx", "another.onnx"]) {
    const path = join(temporaryFolder(), name);
    writeFileSync(path, writeOnnx(model.graph));
    expect(await keyOf(await openModel(path, { engine: model.engine }))).toBe(key);
  }
});

test("is the same whatever comes behind the value, and for what goes without saying", async () => {
  const key = await keyOf(model);
  expect(await keyOf(turned("dense/kernel"))).toBe(key);
  expect(await keyOf({ ...model, classes: ["yes", "no"] })).toBe(key);
  expect(await keyOf(prepared({ filter: "linear" }))).toBe(key);
});

test("is another for another weight, layer, preprocessing, framing or engine", async () => {
  const op = model.graph.nodes.findIndex((node) => node.op === "MaxPool");
  const node = model.graph.nodes[op]!;
  const attributes = { ...node.attributes, strides: { type: "ints", value: [1, 1] } as const };
  const nodes = model.graph.nodes.with(op, { ...node, attributes });
  const others = [
    await keyOf(model),
    await keyOf(model, "max_pooling2d"),
    await keyOf(turned("conv2d/kernel")),
    await keyOf(turned("conv2d_1/bias")),
    await keyOf({ ...model, graph: { ...model.graph, nodes } }),
    await keyOf(prepared({ preprocessing: presetFor("tf", 3) })),
    await keyOf(prepared({ preprocessing: { ...presetFor("unit", 3), order: "BGR" } })),
    await keyOf(prepared({ width: 22 })),
    await keyOf(prepared({ crop: 0.875 })),
    await keyOf(prepared({ filter: "cubic" })),
    await keyOf({ ...model, engine: nodeEngine({ threads: 1 }) }),
  ];
  expect(new Set(others).size).toBe(others.length);
});
