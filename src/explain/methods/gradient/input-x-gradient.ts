import * as op from "../../../graph/operators/index.ts";
import type { GraphMethod, Options } from "../../method.ts";

/** Shrikumar et al. 2016 (arXiv 1605.01713), section 2: `x ⊙ ∂score/∂x`, the first term of Taylor's series around zero. */
export const inputXGradient: GraphMethod<Options<never>> = {
  name: "input-x-gradient",
  title: "Input × gradient",
  summary: "what each pixel adds to the score if the network were linear: the picture times its gradient",
  formula: "raw = x * d score / d x",
  paper: "Shrikumar et al. 2016, arXiv:1605.01713, section 2",
  limits:
    "What is zero to the network, black or the mean color, gets nothing whatever it means. Adds up to the score only in networks of ReLUs without biases.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "signed",
  options: {},
  write({ g, input, gradient }) {
    const [slope] = gradient([input]);
    return op.mul(g, input, slope!);
  },
};
