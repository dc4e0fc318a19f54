import { resizeMap } from "../../base/resize.ts";
import type { Convention } from "../convention.ts";
import { dividedBy, largestMagnitude, summed } from "../scaling.ts";

/** Its analyzers but the gradient's begin with the output's value; maps are scaled as its examples and `visualizations.project` do. */
export const innvestigate: Convention = {
  name: "innvestigate",
  library: "iNNvestigate 2.1",
  options: {
    saliency: { absolute: false },
    "integrated-gradients": { rule: "mean", steps: 64 },
    smoothgrad: { samples: 64 },
    "guided-backprop": { start: "score" },
    deconvnet: { start: "score" },
    "lrp-epsilon": { epsilon: 1e-7 },
  },
  scaling: "sum over channels; divided by the largest magnitude; bilinear, half-pixel",
  scaled(values, height, width) {
    const map = summed(values);
    return resizeMap(dividedBy(map, largestMagnitude(map)), height, width);
  },
};
