import { gradient as gradientOf } from "../../../autodiff/gradient.ts";
import { scalar } from "../../../base/tensor.ts";
import * as op from "../../../graph/operators/index.ts";
import { gridOf, toMaps } from "../../../model/grid.ts";
import { combined } from "../../cam/combined.ts";
import type { GraphMethod, Options } from "../../method.ts";

/**
 * ShapleyCAM, Cai 2025 (arXiv 2501.06261): channels as players, their Shapley values by the score's Taylor series to the
 * second order. `H A` is the gradient of `Σ g · A` with `A` held constant. The paper explains a score with a softmax in it
 * (ReST), we what was asked for.
 */
export const shapleyCam: GraphMethod<Options<"combine">> = {
  name: "shapley-cam",
  title: "ShapleyCAM",
  summary: "channels weighted by gradient and curvature, near to their Shapley values",
  formula: "raw = sum_k w_k A_k, w_k = mean_hw(g_k - (H A)_k / 2), g = d score / d A, H = d g / d A",
  paper: "Cai 2025, arXiv:2501.06261",
  limits:
    "Where all behind the layer is linear or piecewise linear, as ReLUs and dense layers are, the curvature is zero and the map is Grad-CAM's.",
  cost: "1 forward, 2 backward",
  at: "maps",
  sign: "positive",
  options: { combine: "sum" },
  write(context, { combine }) {
    const { g, graph, layer } = context;
    const activation = g.value(layer.output);
    const [slope] = context.gradient([activation]);
    const [curvature] = g.scope("curvature", () => gradientOf(g, slope!, [activation], { seed: activation }));
    const change = op.sub(g, slope!, op.mul(g, g.constant(scalar(0.5)), curvature!));
    const maps = (value: typeof activation) => toMaps(g, value, gridOf(graph, layer.output)!);
    const weights = op.reduceMean(g, maps(change), [2, 3], true);
    return combined(g, op.mul(g, weights, maps(activation)), combine);
  },
};
