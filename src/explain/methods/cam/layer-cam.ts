import * as op from "../../../graph/operators/index.ts";
import { combined } from "../../cam/combined.ts";
import { activationMaps, gradientMaps } from "../../maps.ts";
import type { GraphMethod, Options } from "../../method.ts";

/**
 * LayerCAM, Jiang et al. 2021 (doi 10.1109/TIP.2021.3089943): each place weighted by its own gradient where that is
 * positive.
 */
export const layerCam: GraphMethod<Options<"combine">> = {
  name: "layer-cam",
  title: "LayerCAM",
  summary: "activation times positive gradient in each place, also for early layers with finer maps",
  formula: "raw = sum_k relu(g_k) A_k, g_k = d score / d A_k",
  paper: "Jiang et al. 2021, doi:10.1109/TIP.2021.3089943",
  limits: "Places that speak against the target are left out rather than set off, so a map is seldom empty.",
  cost: "1 forward, 1 backward",
  at: "maps",
  sign: "positive",
  options: { combine: "sum" },
  write(context, { combine }) {
    const { g } = context;
    const [activation, gradient] = [activationMaps(context), gradientMaps(context)];
    return combined(g, op.mul(g, op.relu(g, gradient), activation), combine);
  },
};
