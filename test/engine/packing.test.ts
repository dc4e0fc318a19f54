import { expect, test } from "vitest";
import { zeros } from "../../src/base/tensor.ts";
import { packsWeights } from "../../src/engine/packing.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { type Shape, specialize } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";

/** Rows `[…, 6]` times a weight of each of these widths. */
function products(...rows: readonly (readonly [shape: Shape, width: number])[]) {
  const g = new GraphBuilder();
  const outputs = rows.map(([shape, width], at) => {
    const weight = g.constant(zeros("float32", [6, width]));
    return [`y${at}`, op.matMul(g, g.input(`x${at}`, "float32", shape), weight)] as const;
  });
  return g.finish("products", Object.fromEntries(outputs));
}

test("weights are packed where most of them meet many rows", () => {
  expect(packsWeights(products([[1, 6], 4]))).toBe(false);
  expect(packsWeights(products([[20, 6], 4]))).toBe(true);
  // The tokens of a picture, and its classifier.
  expect(packsWeights(products([[1, 197, 6], 40], [[1, 6], 30]))).toBe(true);
  expect(packsWeights(products([[1, 197, 6], 40], [[1, 6], 50]))).toBe(false);
});

test("a free batch may be of many; without weights there is nothing to leave out", () => {
  const free = products([["N", 6], 4]);
  expect(packsWeights(free)).toBe(true);
  expect(packsWeights(specialize(free, { N: 1 }))).toBe(false);
  const g = new GraphBuilder();
  const [a, b] = [g.input("a", "float32", [1, 6]), g.input("b", "float32", [6, 2])];
  expect(packsWeights(g.finish("no weights", { y: op.matMul(g, a, b) }))).toBe(true);
});
