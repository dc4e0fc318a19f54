import type { Ruleset } from "../autodiff/rule.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import { staticShape, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import type { Question, Rows, Subject } from "./subject.ts";

/** The pictures as they are. */
export function asTheyAre({ inputs }: Pick<Subject, "inputs">): Rows {
  const [count] = inputs.shape as [number];
  const size = inputs.data.length / count;
  return {
    count,
    picture: (row) => row,
    write: (row, { input }) => input!.set(inputs.data.subarray(row * size, (row + 1) * size)),
  };
}

/** Name of the output that holds `Σ seed · explained`. */
export const SCORE = "score";

const score: Question = {
  key: SCORE,
  write: ({ g, explained, seed }) => ({ [SCORE]: scoreIn(g, explained, seed) }),
};

/** `Σ seed · explained` of each picture, `[N]`. */
export function scoreIn(g: GraphBuilder, explained: Value, seed: Value): Value {
  const axes = staticShape(explained).map((_, axis) => axis);
  return op.reduceSum(g, op.mul(g, explained, seed), axes.slice(1));
}

/** The target's score of each row. */
export async function scores(subject: Pick<Subject, "ask">, rows: Rows): Promise<Float32Array> {
  const found = new Float32Array(rows.count);
  await subject.ask(score, rows, (row, { [SCORE]: value }) => {
    found[row] = value![0]!;
  });
  return found;
}

/** Gradient of the target's score by a row's input `[C, H, W]`, as a view, and the score. */
export type TakeGradient = (
  row: number,
  result: { readonly gradient: Float32Array; readonly score: number },
) => void;

/**
 * The gradient of the target's score by the input, for each row.
 * @param rules rules in the place of the exact ones, with a name
 */
export async function eachGradient(
  subject: Pick<Subject, "ask">,
  rows: Rows,
  take: TakeGradient,
  rules?: { readonly name: string; readonly rules: Ruleset },
): Promise<void> {
  const question: Question = {
    key: `gradient ${rules?.name ?? ""}`,
    write(context) {
      const { g, input, explained, seed } = context;
      const [slope] = context.gradient([input], rules?.rules) as [Value];
      return { gradient: slope, score: scoreIn(g, explained, seed) };
    },
  };
  await subject.ask(question, rows, (row, { gradient: slope, score }) =>
    take(row, { gradient: slope!, score: score![0]! }),
  );
}
