import { float32, sizeOf, type Tensor } from "../base/tensor.ts";
import type { Tensors } from "../engine/engine.ts";
import type { Value } from "../graph/graph.ts";
import { LOGITS, type Model, RAW } from "../model/model.ts";
import { classScores } from "../model/predict.ts";
import { taskOf } from "../model/tasks/index.ts";
import type { Said } from "./explanation.ts";
import type { Attribution, GraphContext, GraphMethod } from "./method.ts";
import { type OptionValues, optionsKey } from "./option.ts";
import { asTheyAre, SCORE, scoreIn } from "./questions.ts";
import type { Question, Subject } from "./subject.ts";

/** A method's numbers, and what the network said of each picture in the same run. */
export interface Found extends Attribution {
  readonly said: readonly Said[];
}

/** The network's own outputs, the score and the method's map `raw`, out of one graph. */
export function writeOnce(
  method: GraphMethod,
  context: GraphContext,
  options: Readonly<Partial<OptionValues>>,
): Record<string, Value> {
  const { g, graph, explained, seed } = context;
  const outputs = graph.outputs.map(({ name }) => [name, g.value(name)] as const);
  return {
    ...Object.fromEntries(outputs),
    [SCORE]: g.scope("score", () => scoreIn(g, explained, seed)),
    [RAW]: g.scope(method.name, () => method.write(context, options)),
  };
}

/** Runs a method that is a single graph on the pictures of a subject. */
export async function runOnce(
  subject: Subject,
  method: GraphMethod,
  options: Readonly<Partial<OptionValues>>,
): Promise<Found> {
  const { model, inputs } = subject;
  const [count] = inputs.shape as [number];
  const question: Question = {
    key: `${method.name} ${await optionsKey(options)}`,
    write: (context) => writeOnce(method, context, options),
  };
  const rows: Float32Array[] = [];
  const said: Said[] = [];
  const { [RAW]: shape = [] } = await subject.ask(question, asTheyAre(subject), (row, results) => {
    rows[row] = results[RAW]!.slice();
    said[row] = saidIn(model, results);
  });
  const size = sizeOf(shape);
  const values = float32([count, ...shape], new Float32Array(count * size));
  for (const [row, data] of rows.entries()) values.data.set(data, row * size);
  const missed = rows.map((row, at) => row.reduce((sum, value) => sum + value, 0) - said[at]!.score);
  return { values, said, checks: method.sumsToScore ? { completeness: missed } : {} };
}

/** What a run for one picture found. */
export function foundIn(model: Model, results: Tensors): Found {
  const rows = Object.entries(results).map(([name, { data }]) => [name, data as Float32Array] as const);
  return { values: results[RAW] as Tensor<"float32">, said: [saidIn(model, Object.fromEntries(rows))] };
}

/** What one row of a run says. */
function saidIn(model: Model, results: Readonly<Record<string, Float32Array>>): Said {
  const score = results[SCORE]![0]!;
  if (!results[LOGITS]) return { score, scores: [] };
  const batch = (name: string): Tensor<"float32"> =>
    float32([1, results[name]!.length], results[name]!.slice());
  const { output } = taskOf(model);
  return { score, scores: classScores(model, { [LOGITS]: batch(LOGITS), [output]: batch(output) }, 0) };
}
