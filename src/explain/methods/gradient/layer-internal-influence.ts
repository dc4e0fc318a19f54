import { float32, sizeOf } from "../../../base/tensor.ts";
import { baselineOf } from "../../baseline.ts";
import { eachLayerGradient, layerShape } from "../../layer-gradients.ts";
import type { AskingMethod, Options } from "../../method.ts";
import { weightedSum } from "../../path-sum.ts";
import { quadrature } from "../../quadrature.ts";
import { straightLine } from "../../straight-line.ts";

/**
 * Leino et al. 2018 (arXiv 1802.03788), eq. 1, with the straight line from a baseline to the picture as the distribution of interest: the
 * mean gradient by a layer's neurons on the way.
 */
export const layerInternalInfluence: AskingMethod<Options<"steps" | "rule" | "baseline">> = {
  name: "layer-internal-influence",
  title: "Internal influence",
  summary:
    "how much the score changes with each of a layer's neurons, in the mean on the way from a baseline to the picture",
  formula: "raw = integral over a in [0, 1] of d score / d A at b + a (x - b)",
  paper: "Leino et al. 2018, arXiv:1802.03788, eq. 1",
  limits: "A slope, not a share of the score: neurons that are silent in the picture may have it too.",
  cost: "steps forward and backward",
  at: "layer",
  sign: "signed",
  options: { steps: 50, rule: "graded", baseline: "zero" },
  async explain(subject, { steps, rule, baseline }) {
    const { inputs } = subject;
    const [pictures] = inputs.shape as [number];
    const shape = layerShape(subject);
    const { nodes, weights } = quadrature(rule, steps);
    const { values, take } = weightedSum(pictures, weights, sizeOf(shape));
    const rows = straightLine(baselineOf(subject, baseline), inputs, nodes);
    await eachLayerGradient(subject, rows, (row, { gradient }) => take(row, gradient));
    return { values: float32([pictures, ...shape], values) };
  },
};
