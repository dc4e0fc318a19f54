import { expect } from "vitest";
import type { LinearLayer } from "../../src/autodiff/relevance/linear-layer.ts";
import { relevance } from "../../src/autodiff/relevance/relevance.ts";
import type { LayerRule } from "../../src/autodiff/relevance/share.ts";
import { random } from "../../src/base/random.ts";
import { float32, sizeOf, type Tensor } from "../../src/base/tensor.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { staticShape, type Value } from "../../src/graph/graph.ts";
import { engine } from "./finite-differences.ts";

/** Normal numbers of their own for each name. */
export const draw = (place: string, shape: readonly number[]): Tensor<"float32"> => {
  const source = random(1, place);
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => source.normal()),
  );
};

export type RuleOf = (layer: LinearLayer) => LayerRule;

/** Relevance of `x` where the relevance of what `build` gives is `start`, or its own numbers. */
export async function propagate(
  x: Tensor<"float32">,
  build: (g: GraphBuilder, x: Value) => Value,
  ruleOf: (g: GraphBuilder) => RuleOf,
  start?: Tensor<"float32">,
): Promise<number[]> {
  const g = new GraphBuilder();
  const input = g.input("x", "float32", x.shape);
  const y = build(g, input);
  const seed = g.constant(float32(staticShape(y), new Float32Array(sizeOf(staticShape(y))).fill(1)));
  const shared = relevance(g, y, input, { start: start ? g.constant(start) : y, seed, ruleOf: ruleOf(g) });
  const program = await engine.compile(g.finish("relevance", { shared }));
  try {
    return Array.from((await program.run({ x })).shared!.data as Float32Array);
  } finally {
    await program.dispose();
  }
}

/** Each within `tolerance`, of its own size where that is above 1. */
export function expectNear(actual: readonly number[], expected: readonly number[], tolerance = 1e-5): void {
  expect(actual.length).toBe(expected.length);
  for (const [at, value] of expected.entries())
    expect(Math.abs(actual[at]! - value), `element ${at}: ${actual[at]}, not ${value}`).toBeLessThan(
      tolerance * Math.max(1, Math.abs(value)),
    );
}
