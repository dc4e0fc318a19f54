import { UserError } from "../../../base/errors.ts";
import { scalar } from "../../../base/tensor.ts";
import { staticShape } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import { combined } from "../../cam/combined.ts";
import { isMeanThenDense } from "../../cam/mean-then-dense.ts";
import { activationMaps, gradientMaps } from "../../maps.ts";
import type { GraphMethod, Options } from "../../method.ts";

/**
 * CAM, Zhou et al. 2016 (arXiv 1512.04150), eq. 2: the map whose mean is the score but for the bias. The weights of the dense
 * layer are what the gradient comes to there, `h·w` times its mean.
 */
export const cam: GraphMethod<Options<"combine">> = {
  name: "cam",
  title: "CAM",
  summary: "channels weighted by the dense layer behind the mean over places",
  formula: "raw = sum_k w_k A_k, w_k the target's weights in the dense layer",
  paper: "Zhou et al. 2016, arXiv:1512.04150, eq. 2",
  limits: "Only for a layer that nothing but the mean over its places and one dense layer follows.",
  cost: "1 forward, 1 backward",
  at: "maps",
  sign: "positive",
  options: { combine: "sum" },
  write(context, { combine }) {
    const { g, graph, layer, explained } = context;
    if (!isMeanThenDense(graph, layer.output, explained.name))
      throw new UserError(
        `CAM needs a layer that only the mean over its places and one dense layer follow, and "${layer.name}" is none; grad-cam needs neither.`,
      );
    const [activation, gradient] = [activationMaps(context), gradientMaps(context)];
    const [, , h, w] = staticShape(gradient) as [number, number, number, number];
    const mean = op.reduceMean(g, gradient, [2, 3], true);
    const weights = op.mul(g, mean, g.constant(scalar(h * w)));
    return combined(g, op.mul(g, weights, activation), combine);
  },
};
