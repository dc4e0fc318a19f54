import { listNames, UserError } from "../base/errors.ts";
import { int64, scalar } from "../base/tensor.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import { type Graph, staticShape, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { LOGITS } from "../model/model.ts";

/** The class to explain: the most probable one, or one by name or index. */
export type TargetSpec = "top" | (string & {}) | number;

/**
 * Index of the class that `spec` names; `TOP` for the one that the network favours. A name wins over an index written as text.
 * @throws UserError listing the classes when there is none like it
 */
export function targetIndex(spec: TargetSpec, classes: readonly string[]): number {
  if (spec === "top") return TOP;
  const named = classes.indexOf(String(spec));
  if (typeof spec === "string" && named >= 0) return named;
  const index = typeof spec === "number" || /^\d+$/.test(spec) ? Number(spec) : Number.NaN;
  if (index in classes) return index;
  throw new UserError(
    `There is no class "${spec}"; the classes are ${listNames(classes.map((label, at) => `${label} (${at})`))}.`,
  );
}

/** Stands for the class that the network favours, as the index of a target. */
export const TOP = -1;

/**
 * Weight of each logit in the targets' scores, in the shape of `logits` `[N, K]`: one-hot, or a sign where two classes share one
 * logit.
 * @param graph a network's, which `g` began with
 * @param target index of each picture's class `[N]`, int64; `TOP` for the one that it favours
 */
export function targetSeed(g: GraphBuilder, graph: Graph, target: Value): Value {
  const logits = g.value(LOGITS);
  const [n, columns] = staticShape(logits) as [number, number];
  const classes = Math.max(...graph.outputs.map(({ name }) => staticShape(g.value(name))[1]!));
  const whole = (value: number): Value => g.constant(int64([], [value]));
  const asked = op.reshape(g, target, [n, 1]);
  const free = op.less(g, asked, whole(0));
  if (columns < classes) {
    const favoured = op.greater(g, logits, g.constant(scalar(0)));
    const second = op.or(g, op.and(g, free, favoured), op.equal(g, asked, whole(1)));
    return op.where(g, second, g.constant(scalar(1)), g.constant(scalar(-1)));
  }
  const chosen = op.where(g, free, op.argMax(g, logits, 1), asked);
  const indices = Array.from({ length: columns }, (_, index) => index);
  return op.cast(g, op.equal(g, chosen, g.constant(int64([1, columns], indices))), "float32");
}
