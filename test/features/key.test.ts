import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeEngine } from "../../src/engine/node.ts";
import { featureHash, featureKey } from "../../src/features/key.ts";
import type { Initializer } from "../../src/graph/graph.ts";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import type { InputSpec, Model } from "../../src/model/model.ts";
import { openModel } from "../../src/model/open.node.ts";
import { presetFor } from "../../src/model/preprocessing.ts";
import { temporaryFolder } from "../data/files.ts";
import { small as model, valueAfter } from "./small.ts";

const hashOf = (other: Model, layer?: string): Promise<string> =>
  featureHash(other, valueAfter(other, layer));

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
  const hash = await hashOf(model);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  for (const name of ["one.onnx", "another.onnx"]) {
    const path = join(temporaryFolder(), name);
    writeFileSync(path, writeOnnx(model.graph));
    expect(await hashOf(await openModel(path, { engine: model.engine }))).toBe(hash);
  }
});

test("is the same whatever comes behind the value, and for what goes without saying", async () => {
  const hash = await hashOf(model);
  expect(await hashOf(turned("dense/kernel"))).toBe(hash);
  expect(await hashOf({ ...model, classes: ["yes", "no"] })).toBe(hash);
  expect(await hashOf(prepared({ filter: "linear" }))).toBe(hash);
});

test("is another for another weight, layer, preprocessing or framing", async () => {
  const op = model.graph.nodes.findIndex((node) => node.op === "MaxPool");
  const node = model.graph.nodes[op]!;
  const attributes = { ...node.attributes, strides: { type: "ints", value: [1, 1] } as const };
  const nodes = model.graph.nodes.with(op, { ...node, attributes });
  const others = [
    await hashOf(model),
    await hashOf(model, "max_pooling2d"),
    await hashOf(turned("conv2d/kernel")),
    await hashOf(turned("conv2d_1/bias")),
    await hashOf({ ...model, graph: { ...model.graph, nodes } }),
    await hashOf(prepared({ preprocessing: presetFor("tf", 3) })),
    await hashOf(prepared({ preprocessing: { ...presetFor("unit", 3), order: "BGR" } })),
    await hashOf(prepared({ width: 22 })),
    await hashOf(prepared({ crop: 0.875 })),
    await hashOf(prepared({ filter: "cubic" })),
  ];
  expect(new Set(others).size).toBe(others.length);
});

test("features are kept apart by engine, which what they depend on is not", async () => {
  const hash = await hashOf(model);
  const other = nodeEngine({ threads: 1 });
  expect(await hashOf({ ...model, engine: other })).toBe(hash);
  const keys = [await featureKey(hash, model.engine), await featureKey(hash, other)];
  expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(new Set([hash, ...keys]).size).toBe(3);
  expect(await featureKey(hash, nodeEngine({ threads: 2 }))).toBe(keys[0]);
});
