import { float32 } from "../../../base/tensor.ts";
import { staticShape } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import { attentionIn, identity } from "../../attention.ts";
import type { GraphMethod, Options } from "../../method.ts";

/**
 * Attention rollout, Abnar and Zuidema 2020 (arXiv 2005.00928), eq. 1 with the mean over heads: `A = ½ mean_heads(W) + ½ I`, the half
 * standing for the way around the attention, and the product of all layers' `A`, the last first.
 */
export const attentionRollout: GraphMethod<Options<never>> = {
  name: "attention-rollout",
  title: "Attention rollout",
  summary: "which places the tokens look at, followed through all layers; the same for every class",
  formula: "raw = row of the scored token in A_L ... A_1, A_l = (mean_heads(W_l) + I) / 2",
  paper: "Abnar and Zuidema 2020, arXiv:2005.00928, eq. 1",
  limits:
    "For vision transformers. It knows nothing of the target: all classes have one map. What tokens look at need not be what they take from there.",
  cost: "1 forward",
  at: "input",
  sign: "positive",
  options: {},
  write(context) {
    const { g } = context;
    const { weights, map } = attentionIn(context, "attention-rollout");
    const half = g.constant(float32([], [0.5]));
    const layers = weights.map((layer) => {
      const mixed = op.reduceMean(g, layer, [1], false);
      return op.mul(g, op.add(g, mixed, identity(g, staticShape(mixed).at(-1)!)), half);
    });
    return map(layers.reduce((below, layer) => op.matMul(g, layer, below)));
  },
};
