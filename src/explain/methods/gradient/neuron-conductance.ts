import { UserError } from "../../../base/errors.ts";
import { float32 } from "../../../base/tensor.ts";
import { staticShape, type Value } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import { gridOf } from "../../../model/grid.ts";
import { baselineOf } from "../../baseline.ts";
import type { AskingMethod, GraphContext, Options } from "../../method.ts";
import { timesWay, weightedSum } from "../../path-sum.ts";
import { quadrature } from "../../quadrature.ts";
import { straightLine } from "../../straight-line.ts";
import type { Question } from "../../subject.ts";

/**
 * Dhamdhere et al. 2019 (arXiv 1805.12233), eq. 1, for the neurons of one channel together: the part of each pixel's integrated gradients that
 * flows through them. Over all channels of a layer that nothing goes around, it adds up to the integrated gradients.
 */
export const neuronConductance: AskingMethod<Options<"channel" | "steps" | "rule" | "baseline">> = {
  name: "neuron-conductance",
  title: "Neuron conductance",
  summary: "the part of each pixel's integrated gradients that flows through one channel of a layer",
  formula:
    "raw = (x - b) * integral over a in [0, 1] of sum over neurons n of the channel d score / d A_n * d A_n / d x at b + a (x - b)",
  paper: "Dhamdhere et al. 2019, arXiv:1805.12233, eq. 1",
  limits:
    "One channel's share: without the others it says little of the score. It hangs on the baseline as integrated gradients do.",
  cost: "steps forward and backward",
  at: "layer",
  sign: "signed",
  options: { channel: 0, steps: 50, rule: "graded", baseline: "zero" },
  async explain(subject, { channel, steps, rule, baseline: named }) {
    const { inputs } = subject;
    const [pictures] = inputs.shape as [number];
    const baseline = baselineOf(subject, named);
    const { nodes, weights } = quadrature(rule, steps);
    const rows = straightLine(baseline, inputs, nodes);
    const { values, take } = weightedSum(pictures, weights, inputs.data.length / pictures);
    await subject.ask(questionOf(channel), rows, (row, { gradient }) => take(row, gradient!));
    return { values: float32(inputs.shape, timesWay(values, baseline.data, inputs.data)) };
  },
};

/** The part of the input's gradient that comes through one channel. */
function questionOf(channel: number): Question {
  return {
    key: `gradient through channel ${channel}`,
    write(context) {
      const { g, layer, input, gradient } = context;
      const activation = g.value(layer.output);
      const [slope] = gradient([activation]);
      const axis = channelAxis(context);
      const channels = staticShape(activation)[axis]!;
      if (channel >= channels)
        throw new UserError(`"${layer.name}" has ${channels} channels; there is no channel ${channel}.`);
      const part = (value: Value): Value => op.slice(g, value, [axis], [channel], [channel + 1]);
      const [through] = gradient([input], {}, { explained: part(activation), seed: part(slope!) });
      return { gradient: through! };
    },
  };
}

function channelAxis({ g, graph, layer }: GraphContext): number {
  const { layout = "NCHW" } = gridOf(graph, layer.output) ?? {};
  return layout === "NCHW" ? 1 : staticShape(g.value(layer.output)).length - 1;
}
