import { float32, sizeOf } from "../../../base/tensor.ts";
import * as op from "../../../graph/operators/index.ts";
import { own } from "../../ask.ts";
import { baselineOf } from "../../baseline.ts";
import { completeness } from "../../completeness.ts";
import { layerActivations, layerShape } from "../../layer-gradients.ts";
import type { AskingMethod, Options } from "../../method.ts";
import { timesWay, weightedSum } from "../../path-sum.ts";
import { quadrature } from "../../quadrature.ts";
import { asTheyAre, scoreIn } from "../../questions.ts";
import { straightLine } from "../../straight-line.ts";
import type { Question } from "../../subject.ts";

/**
 * Integrated gradients (Sundararajan et al. 2017, arXiv 1703.01365, eq. 1) of the part of the network behind a layer, on the straight way from
 * the baseline's activation to the picture's. What goes around the layer is the picture's all the way.
 */
export const layerIntegratedGradients: AskingMethod<Options<"steps" | "rule" | "baseline">> = {
  name: "layer-integrated-gradients",
  title: "Layer integrated gradients",
  summary:
    "what each of a layer's neurons adds to the score on the straight way from the baseline's activation to the picture's",
  formula: "raw = (A(x) - A(b)) * integral over a in [0, 1] of d score / d A at A(b) + a (A(x) - A(b))",
  paper: "Sundararajan et al. 2017, arXiv:1703.01365, eq. 1, at a layer",
  limits:
    "Activations on the way may be such as no picture has. Only the part behind the layer is explained, and the baseline counts as in integrated gradients.",
  cost: "steps forward and backward",
  at: "layer",
  sign: "signed",
  options: { steps: 50, rule: "graded", baseline: "zero" },
  async explain(subject, { steps, rule, baseline }) {
    const { inputs, layer } = subject;
    const [pictures] = inputs.shape as [number];
    const shape = [pictures, ...layerShape(subject)];
    const to = float32(shape, await layerActivations(subject, asTheyAre(subject)));
    const from = await layerActivations(subject, asTheyAre({ inputs: baselineOf(subject, baseline) }));
    const { nodes, weights } = quadrature(rule, steps);
    // The first point is the baseline itself, for its score.
    const line = straightLine(float32(shape, from), to, [0, ...nodes]);
    const { values, take } = weightedSum(pictures, [0, ...weights], sizeOf(shape) / pictures);
    const clean = asTheyAre(subject);
    const rows = {
      ...line,
      write(row: number, { activation, input }: Readonly<Record<string, Float32Array>>) {
        line.write(row, { input: activation! });
        if (input) clean.write(line.picture(row), { input });
      },
    };
    const before: number[] = [];
    await subject.ask(questionAt(layer.output), rows, (row, { gradient, score }) => {
      take(row, gradient!);
      if (row % (steps + 1) === 0) before.push(score![0]!);
    });
    timesWay(values, from, to.data);
    return { values: float32(shape, values), checks: await completeness(subject, values, before) };
  },
};

/** The gradient by an activation that is given. */
function questionAt(value: string): Question {
  return {
    key: "gradient by a given activation",
    instead: { value, write: (g, shape) => op.identity(g, own(g, "activation", shape)) },
    write({ g, explained, seed, gradient }) {
      const [slope] = gradient([g.value(value)]);
      return { gradient: slope!, score: scoreIn(g, explained, seed) };
    },
  };
}
