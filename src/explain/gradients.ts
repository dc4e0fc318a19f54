import { gradient } from "../autodiff/gradient.ts";
import { UserError } from "../base/errors.ts";
import { int64, type Tensor } from "../base/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { type Graph, staticShape, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { checkClassifier } from "../model/classifier.ts";
import { gridOf } from "../model/grid.ts";
import { LOGITS, type Model } from "../model/model.ts";
import { toBatch } from "../model/predict.ts";
import type { Image } from "../model/preprocessing.ts";
import { runBatch } from "../model/programs.ts";
import { type TargetSpec, targetIndex, targetSeed } from "./target.ts";
import { valueNamed, valuesNamed } from "./value.ts";

export interface GradientsOptions {
  /** The class whose logit is differentiated; the favoured one unless given. */
  readonly target?: TargetSpec;
  /** A layer (of several that fit the last), or a value of the graph, whose sum is differentiated instead. */
  readonly of?: string;
  /** The channel of `of` to sum over, wherever its channels stand: `[1, C, …]`, `[1, h, w, C]` or `[1, tokens, C]`; all unless given. */
  readonly channel?: number;
  /** What to differentiate with respect to: `input`, layers (their activations; a glob is all that fit), weights or other values by name. */
  readonly wrt?: readonly string[];
}

/**
 * Exact gradients of a score for one image, each in the shape of what it is taken with respect to, by its name.
 * @throws UserError when a name, target or channel does not exist, the image is a batch of several, or an operator on the way has no
 * gradient rule
 */
export async function gradients(
  model: Model,
  image: Image,
  { target = "top", of, channel, wrt = ["input"] }: GradientsOptions = {},
): Promise<Map<string, Tensor<"float32">>> {
  const input = toBatch(model.input, image);
  if (input.shape[0] !== 1)
    throw new UserError(`Gradients are those of one image, not of ${input.shape[0]}; give one at a time.`);
  if (of === undefined) checkClassifier(model, model.source);
  const index = targetIndex(target, model.classes);
  const score = of === undefined ? undefined : { name: valueNamed(model, of), channel };
  const names = new Map(wrt.flatMap((name) => valuesNamed(model, name)));
  const values = [...new Set(names.values())];
  const results = await runBatch(
    model,
    { [model.input.name]: input },
    {
      key: `gradients ${JSON.stringify([score ?? index, values])}`,
      derive: (graph) => gradientsGraph(graph, score ?? index, values),
    },
  );
  return new Map([...names].map(([name, value]) => [name, results[resultName(value)] as Tensor<"float32">]));
}

const resultName = (value: string): string => `gradient by ${value}`;

function gradientsGraph(
  graph: Graph,
  score: number | { readonly name: string; readonly channel: number | undefined },
  wrt: readonly string[],
): Graph {
  const g = new GraphBuilder(graph);
  const values = wrt.map((name) => g.value(name));
  return g.scope("gradient", () => {
    const found =
      typeof score === "number" ? ofClass(g, graph, score, values) : ofValue(g, graph, score, values);
    const results = found.map((value, at) => [resultName(wrt[at]!), value] as const);
    return g.finish(`${graph.name} gradient`, Object.fromEntries(results));
  });
}

function ofClass(g: GraphBuilder, graph: Graph, index: number, wrt: readonly Value[]): Value[] {
  const seed = targetSeed(g, graph, g.constant(int64([1], [index])));
  return gradient(g, g.value(LOGITS), wrt, { seed });
}

function ofValue(
  g: GraphBuilder,
  graph: Graph,
  { name, channel }: { readonly name: string; readonly channel: number | undefined },
  wrt: readonly Value[],
): Value[] {
  const value = g.value(name);
  if (channel === undefined) return gradient(g, value, wrt);
  const shape = staticShape(value);
  const { layout = "NCHW" } = gridOf(graph, name) ?? {};
  const axis = layout === "NCHW" ? 1 : shape.length - 1;
  const channels = shape[axis] ?? 0;
  if (channel >= channels)
    throw new UserError(`"${name}" has ${channels} channels; there is no channel ${channel}.`);
  return gradient(g, op.slice(g, value, [axis], [channel], [channel + 1]), wrt);
}
