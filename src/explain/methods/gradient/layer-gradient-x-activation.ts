import * as op from "../../../graph/operators/index.ts";
import type { GraphMethod, Options } from "../../method.ts";

/** Input × gradient (Shrikumar et al. 2016, arXiv 1605.01713, section 2) with a layer's activation in the place of the picture. */
export const layerGradientXActivation: GraphMethod<Options<never>> = {
  name: "layer-gradient-x-activation",
  title: "Layer gradient × activation",
  summary: "what each of a layer's neurons adds to the score if what follows were linear",
  formula: "raw = A * d score / d A",
  paper: "Shrikumar et al. 2016, arXiv:1605.01713, section 2",
  limits:
    "Exact for the last layer before a linear head; farther back the network is not linear, and it need not add up to the score.",
  cost: "1 forward, 1 backward",
  at: "layer",
  sign: "signed",
  options: {},
  write({ g, layer, gradient }) {
    const activation = g.value(layer.output);
    const [slope] = gradient([activation]);
    return op.mul(g, activation, slope!);
  },
};
