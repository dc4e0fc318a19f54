import { staticShape, type Value } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import { attentionIn, identity } from "../../attention.ts";
import type { GraphMethod, Options } from "../../method.ts";

/**
 * Attention times gradient, Chefer et al. 2021 (arXiv 2103.15679) for self-attention: eq. 5, `Ā = mean_heads(relu(∇A ⊙ A))`; eq. 6,
 * `R ← R + Ā R` from `R = I`, layer by layer.
 */
export const attentionGradient: GraphMethod<Options<never>> = {
  name: "attention-gradient",
  title: "Attention × gradient",
  summary: "which places the tokens look at where that raises the score, followed through all layers",
  formula:
    "raw = row of the scored token in R, which layer by layer becomes R + mean_heads(relu(A * d score / d A)) R, from R = I",
  paper: "Chefer et al. 2021, arXiv:2103.15679, eq. 5 and 6",
  limits:
    "For vision transformers. What speaks against the target is left out in every layer, so nothing in the map can be held against it.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "positive",
  options: {},
  write(context) {
    const { g } = context;
    const { weights, gradients, map } = attentionIn(context, "attention-gradient");
    const slopes = gradients();
    const helpful = weights.map((layer, at) =>
      op.reduceMean(g, op.relu(g, op.mul(g, layer, slopes[at]!)), [1], false),
    );
    const start: Value = identity(g, staticShape(helpful[0]!).at(-1)!);
    return map(helpful.reduce((below, layer) => op.add(g, below, op.matMul(g, layer, below)), start));
  },
};
