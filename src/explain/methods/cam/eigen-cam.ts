import { principalMaps } from "../../cam/principal-maps.ts";
import { activationMaps } from "../../maps.ts";
import type { GraphMethod } from "../../method.ts";

/**
 * Eigen-CAM, Muhammad and Yeasin 2020 (arXiv 2008.00299), of channels less their means over the places, without which the
 * first component is little but that mean. The component's sign, which the paper leaves open, is chosen so that the map goes with
 * the sum of the activations.
 */
export const eigenCam: GraphMethod = {
  name: "eigen-cam",
  title: "Eigen-CAM",
  summary: "what the layer tells most of, whatever the target",
  formula: "raw = M v, M = A [h*w, C] less its column means, v = its first right singular vector",
  paper: "Muhammad and Yeasin 2020, arXiv:2008.00299",
  limits: "Does not look at the target: the map is the same for every class.",
  cost: "1 forward",
  at: "maps",
  sign: "positive",
  options: {},
  write: (context) => principalMaps(context.g, activationMaps(context)),
};
