import type { Tensor } from "../base/tensor.ts";
import type { QuadratureRule } from "./option.ts";
import { timesWay, weightedSum } from "./path-sum.ts";
import { quadrature } from "./quadrature.ts";
import { eachGradient } from "./questions.ts";
import { straightLine } from "./straight-line.ts";
import type { Subject } from "./subject.ts";

/**
 * Integrated gradients: `(x − b) ⊙ ∫₀¹ ∂score/∂x (b + α (x − b)) dα`, `[N, C, H, W]`.
 * @param baseline b, `[N, C, H, W]`
 */
export async function integratedGradientsOf(
  subject: Pick<Subject, "ask" | "inputs">,
  baseline: Tensor<"float32">,
  rule: QuadratureRule,
  steps: number,
): Promise<Float32Array> {
  const { inputs } = subject;
  const [pictures] = inputs.shape as [number];
  const { nodes, weights } = quadrature(rule, steps);
  const { values, take } = weightedSum(pictures, weights, inputs.data.length / pictures);
  await eachGradient(subject, straightLine(baseline, inputs, nodes), (row, { gradient }) =>
    take(row, gradient),
  );
  return timesWay(values, baseline.data, inputs.data);
}
