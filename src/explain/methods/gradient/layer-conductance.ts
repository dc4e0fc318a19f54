import { float32, sizeOf } from "../../../base/tensor.ts";
import { baselineOf } from "../../baseline.ts";
import { completeness } from "../../completeness.ts";
import { eachLayerGradient, layerShape } from "../../layer-gradients.ts";
import type { AskingMethod, Options } from "../../method.ts";
import { trapezoids } from "../../path-sum.ts";
import { asTheyAre, scores } from "../../questions.ts";
import { straightLine } from "../../straight-line.ts";

/**
 * Dhamdhere et al. 2019 (arXiv 1805.12233), eq. 2, as Shrikumar et al. 2018 (arXiv 1807.09946), section 3, compute it: what flows through each
 * neuron while the picture comes out of its baseline, `∫ ∂score/∂A dA` along the straight line, in even steps by the trapezoidal rule.
 */
export const layerConductance: AskingMethod<Options<"steps" | "baseline">> = {
  name: "layer-conductance",
  title: "Layer conductance",
  summary: "how much of the integrated gradients flows through each of a layer's neurons",
  formula: "raw = integral over a in [0, 1] of d score / d A * d A / d a at b + a (x - b)",
  paper: "Dhamdhere et al. 2019, arXiv:1805.12233, eq. 2; Shrikumar et al. 2018, arXiv:1807.09946, section 3",
  limits:
    "It hangs on the baseline as integrated gradients do. Neurons of a layer that others go around share only what flows through that layer.",
  cost: "steps forward and backward",
  at: "layer",
  sign: "signed",
  options: { steps: 50, baseline: "zero" },
  async explain(subject, { steps, baseline: named }) {
    const { inputs } = subject;
    const [pictures] = inputs.shape as [number];
    const shape = layerShape(subject);
    const baseline = baselineOf(subject, named);
    const nodes = Array.from({ length: steps + 1 }, (_, at) => at / steps);
    const { values, take } = trapezoids(pictures, nodes.length, sizeOf(shape));
    await eachLayerGradient(subject, straightLine(baseline, inputs, nodes), (row, { activation, gradient }) =>
      take(row, activation, gradient),
    );
    const before = await scores(subject, asTheyAre({ inputs: baseline }));
    return {
      values: float32([pictures, ...shape], values),
      checks: await completeness(subject, values, before),
    };
  },
};
