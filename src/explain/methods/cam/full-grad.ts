import { between } from "../../../autodiff/between.ts";
import { biasOf } from "../../../autodiff/biases.ts";
import { float32, scalar } from "../../../base/tensor.ts";
import type { GraphBuilder } from "../../../graph/builder.ts";
import { staticShape, type Value } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import { gridOf, toMaps } from "../../../model/grid.ts";
import type { AskingMethod, GraphContext, Options } from "../../method.ts";
import { asTheyAre, scoreIn } from "../../questions.ts";
import { spread } from "../../spread.ts";
import type { Question } from "../../subject.ts";

/**
 * FullGrad, Srinivas and Fleuret 2019 (arXiv 1905.00780), section 3: `score = Σ x ∂score/∂x + Σ b ∂score/∂b` over all biases, the implicit ones
 * of batch norms and of activations that are no ReLUs among them; here of every node, `y − J x`. The map is that sum in its places, signed and in
 * units of the score. The paper's own map, section 4, takes magnitudes and scales each, by which it no longer says how much; `absolute` gives it as
 * pytorch-grad-cam has it: each channel's magnitudes stretched to 0…1 and enlarged bilinearly, with the biases of convolutions and batch norms alone.
 */
export const fullGrad: AskingMethod<Options<"absolute">> = {
  name: "full-grad",
  title: "FullGrad",
  summary:
    "the whole score in its places: what the pixels give, and what each layer's biases give where they act",
  formula:
    "raw = sum_c x_c d score / d x_c + sum_l spread(sum_k b_lk d score / d y_lk), y_l = J_l x_l + b_l for every node l",
  paper: "Srinivas and Fleuret 2019, arXiv:1905.00780, sections 3 and 4",
  limits:
    "Biases of early layers act everywhere, so much of the map is the same for any target. What biases behind the last places give is in no place; the record has it as withoutPlace.",
  cost: "1 forward, 1 backward",
  at: "input",
  sign: "signed",
  options: { absolute: false },
  async explain(subject, { absolute }) {
    const [count, , height, width] = subject.inputs.shape as [number, number, number, number];
    const values = float32([count, height, width], new Float32Array(count * height * width));
    const [completeness, withoutPlace] = [new Array<number>(count), new Array<number>(count)];
    await subject.ask(absolute ? MAGNITUDES : PARTS, asTheyAre(subject), (row, { map, total, score }) => {
      values.data.set(map!, row * height * width);
      if (!total) return;
      completeness[row] = total[0]! - score![0]!;
      withoutPlace[row] = total[0]! - map!.reduce((sum, value) => sum + value, 0);
    });
    return absolute ? { values } : { values, checks: { completeness, withoutPlace } };
  },
};

/** What a value gives to the score, element by element, and the value. */
interface Part {
  readonly of: Value;
  readonly op: string;
  readonly part: Value;
}

/** Of the picture, and of every node's bias. */
function partsOf({ g, input, explained, gradient }: GraphContext): Part[] {
  const nodes = between(g.nodes, [input], explained);
  const changing = new Set([input.name, ...nodes.flatMap(({ outputs }) => outputs)]);
  const made = nodes.map(({ outputs }) => g.value(outputs[0]!));
  // Before the biases: an operator without a gradient is refused here.
  const [slope, ...slopes] = gradient([input, ...made]);
  const biases = nodes.flatMap((node, at): Part[] => {
    const bias = biasOf(g, node, (name) => changing.has(name));
    return bias ? [{ of: made[at]!, op: node.op, part: op.mul(g, slopes[at]!, bias) }] : [];
  });
  return [{ of: input, op: "", part: op.mul(g, slope!, input) }, ...biases];
}

/** The sum of the parts in their places, and all of it. */
const PARTS: Question = {
  key: "full-grad",
  write(context) {
    const { g, graph, input, explained, seed } = context;
    const [height, width] = staticShape(input).slice(2) as [number, number];
    const parts = partsOf(context);
    const maps = parts.flatMap(({ of, part }) => {
      const grid = gridOf(graph, of.name);
      return grid ? [spread(g, op.reduceSum(g, toMaps(g, part, grid), [1], true), height, width)] : [];
    });
    const totals = parts.map(({ part }) =>
      op.reduceSum(
        g,
        part,
        staticShape(part).flatMap((_, axis) => (axis ? [axis] : [])),
      ),
    );
    const map = op.reduceSum(g, op.sum(g, ...maps), [1]);
    return { map, total: op.sum(g, ...totals), score: scoreIn(g, explained, seed) };
  },
};

/** As pytorch-grad-cam sums them. */
const MAGNITUDES: Question = {
  key: "full-grad of magnitudes",
  write(context) {
    const { g, input } = context;
    const [height, width] = staticShape(input).slice(2) as [number, number];
    const maps = partsOf(context)
      .filter((part) => ["", "Conv", "BatchNormalization"].includes(part.op))
      .map(({ part }) => op.enlarge(g, stretchedSum(g, part), height, width));
    return { map: op.reduceSum(g, op.sum(g, ...maps), [1]) };
  },
};

/** The sum over channels of each one's magnitudes, stretched to 0…1: of `[N, C, h, w]` `[N, 1, h, w]`. */
function stretchedSum(g: GraphBuilder, part: Value): Value {
  const magnitudes = op.abs(g, part);
  const above = op.sub(g, magnitudes, op.reduceMin(g, magnitudes, [2, 3], true));
  const most = op.add(g, op.reduceMax(g, above, [2, 3], true), g.constant(scalar(1e-7)));
  return op.reduceSum(g, op.div(g, above, most), [1], true);
}
