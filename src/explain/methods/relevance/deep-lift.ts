import { baselineOf } from "../../baseline.ts";
import { deepLiftOf } from "../../deep-lift.ts";
import type { AskingMethod, Options } from "../../method.ts";

/**
 * DeepLIFT with the Rescale rule, Shrikumar et al. 2017 (arXiv 1704.02685), eq. 1 to 3, sections 3.5.1 and 3.5.2. The paper has functions of one
 * number and sums; what else networks do is divided exactly, too: max pools (`maxPool`), products of activations (half to each side), quotients,
 * softmax, and normalizations as what they are made of. So attributions add up to the difference of the scores in all of them.
 */
export const deepLift: AskingMethod<Options<"baseline">> = {
  name: "deep-lift",
  title: "DeepLIFT (Rescale)",
  summary:
    "the score's difference from a baseline's, divided among pixels unit by unit: each by its own change over its input's",
  formula:
    "raw = m (x - b); back through y = f(x): m_x = m_y (y - y_b) / (x - x_b); through linear layers as the gradient",
  paper: "Shrikumar et al. 2017, arXiv:1704.02685, eq. 1 to 3, section 3.5.2",
  limits:
    "It hangs on the baseline: pixels that look like it get nothing. Networks that compute the same by other layers can get other attributions; positive and negative changes that meet in a unit cancel (the paper's RevealCancel rule is not here).",
  cost: "2 forward, 1 backward",
  at: "input",
  sign: "signed",
  options: { baseline: "zero" },
  async explain(subject, { baseline }) {
    const references = baselineOf(subject, baseline);
    const size = references.data.length / references.shape[0]!;
    return deepLiftOf(subject, {
      count: 1,
      of: (picture) => references.data.subarray(picture * size, (picture + 1) * size),
    });
  },
};
