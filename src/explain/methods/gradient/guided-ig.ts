import { float32 } from "../../../base/tensor.ts";
import { baselineOf } from "../../baseline.ts";
import { completeness } from "../../completeness.ts";
import { guidedPath } from "../../guided-path.ts";
import type { AskingMethod, Options } from "../../method.ts";
import { asTheyAre, eachGradient, scores } from "../../questions.ts";
import type { Rows } from "../../subject.ts";

/**
 * Kapishnikov et al. 2021 (arXiv 2106.09788), algorithm 1, as the authors' code has it: integrated gradients on a way that `guidedPath` finds,
 * every step after the gradient at the last, whose pixels with small gradients go first.
 */
export const guidedIg: AskingMethod<Options<"steps" | "fraction" | "deviation" | "baseline">> = {
  name: "guided-ig",
  title: "Guided integrated gradients",
  summary: "integrated gradients on a way around steep places, where they pick up noise",
  formula:
    "raw = sum over steps of d score / d x at x_k * (x_k+1 - x_k); in each step the fraction of the pixels with the smallest gradients moves first",
  paper: "Kapishnikov et al. 2021, arXiv:2106.09788, algorithm 1",
  limits:
    "The way depends on the network, so two networks that compute the same may be explained otherwise. It hangs on the baseline, and steps cannot run side by side.",
  cost: "steps forward and backward",
  at: "input",
  sign: "signed",
  options: { steps: 200, fraction: 0.25, deviation: 0.02, baseline: "zero" },
  async explain(subject, { steps, fraction, deviation, baseline: named }) {
    const { inputs } = subject;
    const [pictures] = inputs.shape as [number];
    const size = inputs.data.length / pictures;
    const baseline = baselineOf(subject, named);
    const paths = Array.from({ length: pictures }, (_, picture) => {
      const [from, to] = [baseline, inputs].map(({ data }) =>
        data.subarray(picture * size, (picture + 1) * size),
      ) as [Float32Array, Float32Array];
      return guidedPath(from, to, { fraction, deviation });
    });
    const rows = (step: number): Rows => ({
      count: pictures,
      part: { before: (step - 1) * pictures, of: steps * pictures },
      picture: (row) => row,
      write: (row, { input }) => paths[row]!.write(input!),
    });
    for (let step = 1; step <= steps; step++)
      await eachGradient(subject, rows(step), (row, { gradient }) =>
        paths[row]!.advance(step / steps, gradient),
      );
    const values = new Float32Array(inputs.data.length);
    for (const [picture, { attribution }] of paths.entries()) values.set(attribution, picture * size);
    const before = await scores(subject, asTheyAre({ inputs: baseline }));
    return { values: float32(inputs.shape, values), checks: await completeness(subject, values, before) };
  },
};
