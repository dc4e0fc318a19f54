import { float32 } from "../../../base/tensor.ts";
import type { AskingMethod, Options } from "../../method.ts";
import { gaussianNoise, gradientMoments } from "../../noisy-gradients.ts";

/**
 * Adebayo et al. 2018 (arXiv 1810.03307), section 2: the variance of the gradient over noisy copies of the picture; that of these copies,
 * divided by their number.
 */
export const vargrad: AskingMethod<Options<"samples" | "noise">> = {
  name: "vargrad",
  title: "VarGrad",
  summary: "where the gradient changes with a little noise: its variance over noisy copies of the picture",
  formula:
    "raw = mean of G^2 - (mean of G)^2, G = d score / d x at x + e, e ~ N(0, (noise * (max x - min x))^2)",
  paper: "Adebayo et al. 2018, arXiv:1810.03307, section 2",
  limits:
    "It hardly depends on the gradient itself (Seo et al. 2018): it shows where the network bends, and says neither for nor against.",
  cost: "samples forward and backward",
  at: "input",
  sign: "positive",
  options: { samples: 50, noise: 0.15 },
  async explain(subject, { samples, noise }) {
    const { first, second } = await gradientMoments(subject, samples, gaussianNoise(subject, noise));
    return {
      values: float32(
        subject.inputs.shape,
        second.map((square, i) => square - first[i]! ** 2),
      ),
    };
  },
};
