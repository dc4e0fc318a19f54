import { gradient } from "../autodiff/gradient.ts";
import { relevance } from "../autodiff/relevance/relevance.ts";
import type { Ruleset } from "../autodiff/rule.ts";
import { random } from "../base/random.ts";
import { float32, sizeOf, type Tensor } from "../base/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import {
  entering,
  type Graph,
  type Shape,
  staticShape,
  staticShapeAfterBatch,
  type Value,
} from "../graph/graph.ts";
import { precededBy } from "../graph/preceded.ts";
import { graphFor } from "../model/batch.ts";
import { type InputSpec, type Layer, type Model, TARGET } from "../model/model.ts";
import { runBatch } from "../model/programs.ts";
import type { GraphContext, ScoreParts } from "./method.ts";
import type { Question, Replacement, Rows, Shapes, Subject, Take } from "./subject.ts";
import { favouredWhereZero, type Target } from "./target.ts";

/** How much may be asked at once, and who wants to know how far it is. */
export interface Bounds {
  /** Rows in a run at most; 8 unless said. */
  readonly batch?: number;
  /** Bytes that the values of a run may take, over the network's weights; a run has one row at least. 1 GB unless said. */
  readonly memory?: number;
  /** Told how many of a question's rows are done. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** What was asked: rows that went forward through the network, and those that went backward too. */
export interface Passes {
  forward: number;
  backward: number;
}

export interface SubjectOptions extends Bounds {
  readonly inputs: Tensor<"float32">;
  readonly targets: readonly Target[];
  readonly layer: Layer | undefined;
  /** Seed of all random numbers, and the method, in whose name they are drawn. */
  readonly seed: number;
  readonly method: string;
}

/** Pictures that can be asked about, and the count of what was asked. */
export function subjectOf(model: Model, options: SubjectOptions): Subject & { readonly passes: Passes } {
  const { inputs, targets, layer, seed, method } = options;
  const passes: Passes = { forward: 0, backward: 0 };
  const of = (asked: Model): Subject & { readonly passes: Passes } => ({
    model: asked,
    inputs,
    targets,
    get layer() {
      if (!layer) throw new Error(`${method} is not at a layer`);
      return layer;
    },
    random: (...place) => random(seed, method, ...place),
    passes,
    ask: (question, rows, take) => ask(asked, question, rows, take, { options, passes }),
    of,
  });
  return of(model);
}

/** Begin the names of answers and of a question's own inputs, so that they are no names of the network's. */
const ANSWER = "answer/";
const OWN = "own/";

const withoutPrefix = <T>(named: Readonly<Record<string, T>>, prefix: string): Record<string, T> =>
  Object.fromEntries(Object.entries(named).map(([name, one]) => [name.slice(prefix.length), one]));

/** What a graph that answers a question gave, by the names of the answers. */
export const answersIn = <T>(results: Readonly<Record<string, T>>): Record<string, T> =>
  withoutPrefix(results, ANSWER);

/** Declares an input of a question's own, `[N, …]`, which rows write by `name`. */
export const own = (g: GraphBuilder, name: string, shape: Shape): Value =>
  g.input(OWN + name, "float32", shape);

/** The graph that answers a question, and whether it goes backwards through the network too. */
export function answering(
  graph: Graph,
  input: InputSpec,
  {
    value,
    layer,
    instead,
    write,
  }: Pick<Question, "write" | "instead"> & { readonly value: string; readonly layer: Layer | undefined },
): { readonly graph: Graph; readonly backward: boolean } {
  const g = new GraphBuilder(instead ? replacing(graph, instead, value) : graph);
  const explained = g.value(value);
  const asked = g.input(TARGET, "float32", staticShape(explained));
  const scored = graph.outputs.some(({ name }) => name === value);
  const seed = scored ? g.scope("target", () => favouredWhereZero(g, explained, asked)) : asked;
  const context = contextOf(g, graph, { input, explained, seed, layer });
  let backward = false;
  const watched: GraphContext = Object.create(context, {
    gradient: {
      value: (...wanted: Parameters<GraphContext["gradient"]>) => {
        backward = true;
        return context.gradient(...wanted);
      },
    },
    relevance: {
      value: (...wanted: Parameters<GraphContext["relevance"]>) => {
        backward = true;
        return context.relevance(...wanted);
      },
    },
  });
  const outputs = Object.entries(write(watched)).map(([key, answer]) => [ANSWER + key, answer] as const);
  return { graph: g.finish(graph.name, Object.fromEntries(outputs)), backward };
}

/** The graph with something else in the place of a value of it, up to its outputs and the value that is explained. */
function replacing(graph: Graph, { value, write }: Replacement, explained: string): Graph {
  const outputs = [...new Set([...graph.outputs.map(({ name }) => name), explained])];
  const behind = entering({ ...graph, outputs: outputs.map((name) => graph.values.get(name)!) }, value);
  return precededBy(behind, value, (g) => write(g, staticShape(graph.values.get(value)!)));
}

/** What a graph that explains is written from. */
export function contextOf(
  g: GraphBuilder,
  graph: Graph,
  {
    input,
    explained,
    seed,
    layer,
  }: {
    readonly input: InputSpec;
    readonly explained: Value;
    readonly seed: Value;
    readonly layer: Layer | undefined;
  },
): GraphContext {
  return {
    ...{ g, graph, explained, seed, preprocessing: input.preprocessing },
    get input() {
      return g.value(input.name);
    },
    get layer() {
      if (!layer) throw new Error("only methods at a layer have one");
      return layer;
    },
    gradient: (wrt: readonly Value[], rules: Ruleset = {}, from: Partial<ScoreParts> = {}) =>
      g.scope("gradient", () =>
        gradient(g, from.explained ?? explained, wrt, { seed: from.seed ?? seed, rules }),
      ),
    relevance: (start, ruleOf) =>
      g.scope("relevance", () => relevance(g, explained, g.value(input.name), { start, seed, ruleOf })),
  };
}

/** Asks about rows in runs of one size; the last is filled up with its last row, so that one program serves. */
async function ask(
  model: Model,
  question: Question,
  rows: Rows,
  take: Take,
  { options, passes }: { readonly options: SubjectOptions; readonly passes: Passes },
): Promise<Shapes> {
  const { layer, targets, onProgress } = options;
  const { before, of } = rows.part ?? { before: 0, of: rows.count };
  const { value } = targets[0]!;
  const { name } = model.input;
  const answer = (graph: Graph) =>
    answering(graph, model.input, { ...question, value, layer, write: (context) => question.write(context) });
  const derivation = {
    key: JSON.stringify([question.key, value, layer?.output]),
    derive: (graph: Graph) => answer(graph).graph,
  };
  const { inputs, shapes, bytes, backward } = await sizesOf(model, derivation.key, answer);
  const room = VALUES_SHARE * (options.memory ?? 1e9);
  const most = Math.min(options.batch ?? 8, Math.max(1, Math.floor(room / bytes)));
  const size = runSize(rows.count, most);
  const feeds = Object.fromEntries(
    inputs.map((input) => {
      const shape = [size, ...staticShape(input).slice(1)];
      return [input.name, float32(shape, new Float32Array(sizeOf(shape)))];
    }),
  );
  for (let start = 0; start < rows.count; start += size) {
    for (let at = 0; at < size; at++) {
      const row = Math.min(start + at, rows.count - 1);
      const views = rowViews(feeds, at);
      const { [name]: input, [TARGET]: seed, ...asked } = views;
      // Of the class that the network favours the weights stay 0.
      seed?.set(targets[rows.picture(row)]!.seed ?? new Float32Array(seed.length));
      const given = withoutPrefix(asked, OWN);
      rows.write(row, input ? { ...given, input } : given);
    }
    const results = answersIn(
      (await runBatch(model, feeds, derivation)) as Record<string, Tensor<"float32">>,
    );
    const end = Math.min(start + size, rows.count);
    for (let row = start; row < end; row++) take(row, rowViews(results, row - start));
    passes.forward += (end - start) * (question.forward ?? 1);
    if (backward) passes.backward += end - start;
    onProgress?.(before + end, of);
  }
  return shapes;
}

/** Of the memory that a run may take, what its values may; what goes in and comes out is held more than once. */
const VALUES_SHARE = 0.8;

/** Rows in a run, at most `most`: as many as leave the least to be filled up, but half of what is allowed at least. */
function runSize(count: number, most: number): number {
  const run = (size: number): number => Math.ceil(count / size) * size;
  let best = Math.min(count, most);
  const least = best / 2;
  for (let size = best; size >= least && size > 0; size--) if (run(size) < run(best)) best = size;
  return best;
}

/** What one row of a question takes. */
interface Sizes {
  readonly inputs: readonly Value[];
  /** Of its answers, without the batch. */
  readonly shapes: Shapes;
  readonly bytes: number;
  readonly backward: boolean;
}

/** By model and question: a search asks the same hundreds of times. */
const sizes = new WeakMap<Model, Map<string, Promise<Sizes>>>();

function sizesOf(
  model: Model,
  key: string,
  answer: (graph: Graph) => ReturnType<typeof answering>,
): Promise<Sizes> {
  const known = sizes.get(model) ?? new Map<string, Promise<Sizes>>();
  sizes.set(model, known);
  const found =
    known.get(key) ??
    graphFor(model, 1).then((single) => {
      const { graph, backward } = answer(single!);
      const answers = graph.outputs.map((output) => [output.name, staticShapeAfterBatch(output)] as const);
      const shapes = answersIn(Object.fromEntries(answers));
      return { inputs: graph.inputs, shapes, bytes: bytesOf(graph), backward };
    });
  known.set(key, found);
  return found;
}

/** Of each tensor the elements of one row, as a view. */
function rowViews(
  tensors: Readonly<Record<string, Tensor<"float32">>>,
  row: number,
): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => {
      const size = sizeOf(shape.slice(1));
      return [name, data.subarray(row * size, (row + 1) * size)];
    }),
  );
}

/** What all values that a graph computes take together: more than it holds at any one time. */
function bytesOf({ nodes, values }: Graph): number {
  let bytes = 0;
  for (const { outputs } of nodes)
    for (const name of outputs) {
      const value = values.get(name);
      if (name && value?.shape) bytes += 4 * sizeOf(staticShape(value));
    }
  return Math.max(1, bytes);
}
