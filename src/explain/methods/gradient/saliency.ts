import * as op from "../../../graph/operators/index.ts";
import type { GraphMethod, Options } from "../../method.ts";

/**
 * Simonyan et al. 2014 (arXiv 1312.6034), section 3.1: how much each number of the picture changes the score, `|∂score/∂x|`, and of a
 * pixel's channels the largest.
 */
export const saliency: GraphMethod<Options<"absolute">> = {
  name: "saliency",
  title: "Saliency",
  summary:
    "how much the score changes with each pixel: the gradient's magnitude, of a pixel's channels the largest",
  formula: "raw = |d score / d x|; without absolute d score / d x",
  paper: "Simonyan et al. 2014, arXiv:1312.6034, section 3.1",
  limits:
    "It says what would change the score, not what made it. Noisy, and nearly zero where the network saturates. Pictures show magnitudes; signed gradients (absolute=false) are for raw numbers.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "positive",
  channels: "max",
  options: { absolute: true },
  write({ g, input, gradient }, { absolute }) {
    const [slope] = gradient([input]);
    return absolute ? op.abs(g, slope!) : slope!;
  },
};
