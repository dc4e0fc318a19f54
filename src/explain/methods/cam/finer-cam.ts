import { gradient as gradientOf } from "../../../autodiff/gradient.ts";
import { UserError } from "../../../base/errors.ts";
import { scalar } from "../../../base/tensor.ts";
import { staticShape, type Value } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import { gridOf, toMaps } from "../../../model/grid.ts";
import { combined } from "../../cam/combined.ts";
import { activationMaps } from "../../maps.ts";
import type { GraphContext, GraphMethod, Options } from "../../method.ts";

/**
 * Finer-CAM, Zhang et al. 2025 (arXiv 2501.11309), over Grad-CAM: of the score what it has more than those of the
 * classes that are nearest to it, the more probable ones counting more. As in the authors' code these weights are differentiated
 * too.
 */
export const finerCam: GraphMethod<Options<"rivals" | "strength" | "combine">> = {
  name: "finer-cam",
  title: "Finer-CAM",
  summary: "what tells the target from the classes most like it",
  formula:
    "raw = sum_k mean_hw(d S / d A_k) A_k, S = sum_r p_r (score - strength * y_r) / sum_r p_r over the rivals r: the classes, not in the score, whose logits y_r are nearest to it; p = softmax(y)",
  paper: "Zhang et al. 2025, arXiv:2501.11309",
  limits:
    "What the target shares with its rivals cancels, so a map may leave out most of the object; which classes are rivals changes from picture to picture.",
  cost: "1 forward, 1 backward",
  at: "maps",
  sign: "positive",
  options: { rivals: 3, strength: 1, combine: "sum" },
  write(context, options) {
    const { g, graph, layer } = context;
    const advantage = g.scope("advantage", () => advantageOf(context, options));
    const [seed] = g.scope("advantage", () => gradientOf(g, advantage, [context.explained]));
    const [slope] = context.gradient([g.value(layer.output)], {}, { seed: seed! });
    const weights = op.reduceMean(g, toMaps(g, slope!, gridOf(graph, layer.output)!), [2, 3], true);
    return combined(g, op.mul(g, weights, activationMaps(context)), options.combine);
  },
};

/** The score's advantage over its rivals, `[N, 1]`. */
function advantageOf(
  { g, explained, seed }: GraphContext,
  { rivals, strength }: Options<"rivals" | "strength">,
): Value {
  const shape = staticShape(explained);
  if (shape.length !== 2 || shape[1]! < 2)
    throw new UserError(
      "Finer-CAM compares a class with others, and what is explained has no others beside it; grad-cam needs none.",
    );
  const constant = (value: number): Value => g.constant(scalar(value));
  const score = op.reduceSum(g, op.mul(g, seed, explained), [1], true);
  const own = op.cast(g, op.greater(g, op.abs(g, seed), constant(0)), "float32");
  const distance = op.add(g, op.abs(g, op.sub(g, explained, score)), op.mul(g, own, constant(1e30)));
  const count = Math.min(rivals, shape[1]! - 1);
  const limit = op.slice(g, op.smallest(g, distance, count, 1), [1], [count - 1], [count]);
  const near = op.cast(g, op.lessOrEqual(g, distance, limit), "float32");
  const weights = op.mul(g, op.mul(g, near, op.sub(g, constant(1), own)), op.softmax(g, explained));
  const sum = (values: Value): Value => op.reduceSum(g, values, [1], true);
  const lead = op.sub(g, score, op.mul(g, explained, constant(strength)));
  return op.div(g, sum(op.mul(g, weights, lead)), op.add(g, sum(weights), constant(1e-9)));
}
