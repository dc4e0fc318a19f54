import type { Tensor } from "../base/tensor.ts";
import { eachGradient } from "./ask.ts";
import type { QuadratureRule } from "./option.ts";
import { quadrature } from "./quadrature.ts";
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
  const size = inputs.data.length / inputs.shape[0]!;
  const { nodes, weights } = quadrature(rule, steps);
  const values = new Float32Array(inputs.data.length);
  await eachGradient(subject, straightLine(baseline, inputs, nodes), (row, { gradient }) => {
    const weight = weights[row % steps]!;
    const start = Math.floor(row / steps) * size;
    for (let i = 0; i < size; i++) values[start + i]! += weight * gradient[i]!;
  });
  for (let i = 0; i < values.length; i++) values[i]! *= inputs.data[i]! - baseline.data[i]!;
  return values;
}
