import { scalar } from "../../../base/tensor.ts";
import * as op from "../../../graph/operators/index.ts";
import { combined } from "../../cam/combined.ts";
import { activationMaps } from "../../maps.ts";
import type { GraphMethod, Options } from "../../method.ts";

/**
 * FEM, Fuad et al. 2020 (hal-02963298): the K-sigma rule finds where a channel is unusually active, and its weight is the share of
 * such places. They weigh the activations, as in pytorch-grad-cam.
 */
export const fem: GraphMethod<Options<"deviations" | "combine">> = {
  name: "fem",
  title: "FEM",
  summary: "where channels are unusually active, whatever the target",
  formula:
    "raw = sum_k w_k A_k, w_k = mean_hw(A_k > mean_hw(A_k) + deviations * sd_hw(A_k)), sd by the number of places",
  paper: "Fuad et al. 2020, IPTA, hal-02963298",
  limits: "Does not look at the target: the map is the same for every class.",
  cost: "1 forward",
  at: "maps",
  sign: "positive",
  options: { deviations: 2, combine: "sum" },
  write(context, { deviations, combine }) {
    const { g } = context;
    const activation = activationMaps(context);
    const mean = (maps: typeof activation) => op.reduceMean(g, maps, [2, 3], true);
    const centre = mean(activation);
    const distance = op.sub(g, activation, centre);
    const deviation = op.sqrt(g, mean(op.mul(g, distance, distance)));
    const limit = op.add(g, centre, op.mul(g, g.constant(scalar(deviations)), deviation));
    const weights = mean(op.cast(g, op.greater(g, activation, limit), "float32"));
    return combined(g, op.mul(g, weights, activation), combine);
  },
};
