import { redirectedRelu as rules } from "../../../autodiff/rulesets/redirected-relu.ts";
import type { GraphMethod, Options } from "../../method.ts";

/**
 * The gradient under Lucid's redirected ReLU, which it has for its search for pictures that excite a unit: units that are all shut, and would
 * let nothing through, pass on what would open them.
 */
export const redirectedRelu: GraphMethod<Options<never>> = {
  name: "redirected-relu",
  title: "Redirected ReLU",
  summary: "the gradient, which layers that are shut in every place let through where it would open them",
  formula:
    "raw = d score / d x, where a ReLU whose dx would be 0 everywhere in a picture gives dx = dy [y > 0 or dy > 0] instead",
  paper:
    "Olah et al. 2017, distill.pub/2017/feature-visualization; tensorflow/lucid, misc/redirected_relu_grad.py",
  limits:
    "The plain gradient wherever a layer has one open unit on the way; it differs only for targets that are dead in the picture.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "signed",
  options: {},
  write: ({ input, gradient }) => gradient([input], rules)[0]!,
};
