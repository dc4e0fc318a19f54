import { guided } from "../../../autodiff/rulesets/guided.ts";
import type { GraphMethod, Options } from "../../method.ts";
import { startSeed } from "../../start.ts";

/**
 * Guided backpropagation, Springenberg et al. 2015 (arXiv 1412.6806), section 3.4: the gradient in which every ReLU passes on what is positive,
 * where it was open. What counts as a ReLU says `reluRules`; ReLU6 and all other activations keep their gradient.
 */
export const guidedBackprop: GraphMethod<Options<"start">> = {
  name: "guided-backprop",
  title: "Guided backpropagation",
  summary: "the gradient, of which ReLUs pass on only what is positive: sharp contours of what excites",
  formula: "raw = d score / d x, where at each ReLU y = max(x, 0) the way back is dx = max(dy, 0) [y > 0]",
  paper: "Springenberg et al. 2015, arXiv:1412.6806, section 3.4",
  limits:
    "It hardly depends on the class or on the weights of late layers, and comes near to an edge detector (Adebayo et al. 2018, Nie et al. 2018). Networks without ReLU give the plain gradient.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "signed",
  options: { start: "one" },
  write(context, { start }) {
    return context.gradient([context.input], guided, { seed: startSeed(context, start) })[0]!;
  },
};
