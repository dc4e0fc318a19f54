import { zPlus } from "../../../autodiff/relevance/rules/alpha-beta.ts";
import { staticShape } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import type { GraphMethod } from "../../method.ts";
import { everywhere } from "../../relevance/composite.ts";

/**
 * Excitation backpropagation, Zhang et al. 2016 (arXiv 1608.00507), section 3: the probability to win of a random walk from the target
 * down the excitatory connections. It is LRP-z⁺ from 1 in the place of the score; activations below zero go by negative weights.
 */
export const excitationBackprop: GraphMethod<object> = {
  name: "excitation-backprop",
  title: "Excitation backpropagation",
  summary: "where a random walk from the target down what excites each unit ends in the picture",
  formula: "P_i = sum_j (x_i w_ij)+ / sum_i (x_i w_ij)+ P_j, from P = 1 at the target; the sum is 1",
  paper: "Zhang et al. 2016, arXiv:1608.00507, section 3",
  limits:
    "Shows what excites and nothing of what inhibits, so it changes little from class to class; explaining the difference of two classes shows what sets them apart.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "signed",
  options: {},
  write({ g, explained, seed, relevance }) {
    // The walk begins with certainty, also where the target is the opposite of a single logit.
    const single = staticShape(explained)
      .slice(1)
      .every((extent) => extent === 1);
    return relevance(single ? op.abs(g, seed) : seed, everywhere(zPlus));
  },
};
