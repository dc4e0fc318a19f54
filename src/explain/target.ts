import { listNames, UserError } from "../base/errors.ts";
import { nearestFirst } from "../base/nearest.ts";
import { int64, scalar, sizeOf } from "../base/tensor.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import { type Graph, staticShape, staticShapeAfterBatch, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { gridOf } from "../model/grid.ts";
import { LOGITS, type Network, PROBABILITIES } from "../model/model.ts";
import type { ClassScore } from "../model/predict.ts";
import { taskOf } from "../model/tasks/index.ts";
import { valuesNamed } from "./value.ts";

/** A class: the most probable one, or one by name or index. */
export type TargetSpec = "top" | (string & {}) | number;

/** What is to be explained. */
export interface TargetOptions {
  /** The class, label or value; the most probable class unless said. One for all pictures, or one for each. */
  readonly target?: TargetSpec | readonly TargetSpec[];
  /** A class that it is held against: the difference of their scores is explained. */
  readonly against?: TargetSpec;
  /** Whether the class's logit is explained, the default, or its probability, which hardly changes where it is near 1. */
  readonly score?: "logit" | "probability";
  /** Instead of a class, the sum of a layer's activation, or of a value of the graph. */
  readonly of?: string;
  /** Of that the one channel. */
  readonly channel?: number;
  /** Of that the one place, row and column. */
  readonly position?: readonly [row: number, column: number];
}

/** A number that the network gives for a picture: `score = Σ seed · value`. */
export interface Target {
  /** For people: `boxer`, `boxer, not tabby`, `conv2d_1, channel 5`. */
  readonly label: string;
  /** Name of the value in the graph. */
  readonly value: string;
  /** Weight of each of its elements, in its shape after the batch; undefined for the class that the network favours. */
  readonly seed: Float32Array | undefined;
  /** Of a single class. */
  readonly index?: number;
}

/**
 * Index of the class that `spec` names; `TOP` for the one that the network favours. A name wins over an index written as text.
 * @throws UserError listing the classes when there is none like it
 */
export function targetIndex(spec: TargetSpec, classes: readonly string[]): number {
  if (spec === "top") return TOP;
  const named = classes.indexOf(String(spec));
  if (typeof spec === "string" && named >= 0) return named;
  const index = typeof spec === "number" || /^\d+$/.test(spec) ? Number(spec) : Number.NaN;
  if (index in classes) return index;
  const numbered = classes.map((label, at) => `${label} (${at})`);
  const few = numbered.length <= 12;
  throw new UserError(
    `There is no class "${spec}"; ${few ? "the classes" : "the nearest"} are ${listNames(few ? numbered : nearestFirst(String(spec), numbered).slice(0, 6))}.`,
  );
}

/** Stands for the class that the network favours, as the index of a target. */
export const TOP = -1;

/** The label of a target that the graph finds. */
export const TOP_LABEL = "top";

/**
 * The targets of `count` pictures. Those that hang on what the network says of a picture stay open where nobody has asked it yet.
 * @param graph the network's for one picture
 * @param said what the network says of each picture, in class order
 * @throws UserError when a class, layer, channel or position does not exist
 */
export function targetsOf(
  network: Network,
  graph: Graph,
  count: number,
  options: TargetOptions,
  said?: readonly (readonly ClassScore[])[],
): Target[] {
  const { target = "top", against, score = "logit", of } = options;
  if (of !== undefined) {
    const [name, value] = valuesNamed(network, of).at(-1)!;
    return new Array<Target>(count).fill(activationTarget(graph, name, value, options));
  }
  const specs = typeof target === "object" ? target : new Array<TargetSpec>(count).fill(target);
  if (specs.length !== count)
    throw new UserError(
      `${specs.length} targets do not fit ${count} pictures; give one for each, or one for all.`,
    );
  const value = explainedValue(network, score);
  const columns = staticShapeAfterBatch(graph.values.get(value)!)[0]!;
  const { classes } = network;
  return specs.map((spec, picture): Target => {
    const index = classes.length === 1 ? 0 : known(targetIndex(spec, classes), said?.[picture]);
    if (index === TOP) return { label: TOP_LABEL, value, seed: undefined };
    const label = classes[index]!;
    const seed = seedOf(index, columns, classes.length);
    if (against === undefined) return { label, value, seed, index };
    const other = known(targetIndex(against, classes), said?.[picture], index);
    if (other === index) throw new UserError(`"${label}" cannot be held against itself; name another class.`);
    const rival = seedOf(other, columns, classes.length);
    // The one logit of two classes is their difference already.
    const share = columns < classes.length ? 0.5 : 1;
    return {
      label: `${label}, not ${classes[other]}`,
      value,
      seed: seed.map((weight, at) => share * (weight - rival[at]!)),
    };
  });
}

/** Name of the value that holds the scores of classes, or what a network gives that knows none. */
export function explainedValue(
  network: Pick<Network, "task">,
  score: "logit" | "probability" = "logit",
): string {
  const task = taskOf(network);
  if (task.name === "regression") return task.output;
  return score === "probability" ? PROBABILITIES : LOGITS;
}

/** Whether targets hang on what the network says, but for the plain favourite, which a graph finds by itself. */
export const hangsOnScores = ({ target = "top", against, of }: TargetOptions): boolean =>
  of === undefined && against !== undefined && (against === "top" || [target].flat().includes("top"));

/** The favoured class in the place of `TOP`, where the network was asked; of two that are compared, the favourite of the others. */
function known(index: number, scores: readonly ClassScore[] | undefined, but?: number): number {
  if (index !== TOP || !scores) return index;
  return scores
    .filter((score) => score.index !== but)
    .reduce((best, score) => (score.logit > best.logit ? score : best)).index;
}

/** One-hot, or a sign where two classes share one logit. */
function seedOf(index: number, columns: number, classes: number): Float32Array {
  const seed = new Float32Array(columns);
  if (columns < classes) seed[0] = index === 1 ? 1 : -1;
  else seed[index] = 1;
  return seed;
}

function activationTarget(
  graph: Graph,
  name: string,
  value: string,
  { channel, position }: TargetOptions,
): Target {
  const shape = staticShapeAfterBatch(graph.values.get(value)!);
  const seed = new Float32Array(sizeOf(shape)).fill(1);
  const grid = gridOf(graph, value);
  const { layout = "NCHW", skip = 0 } = grid ?? {};
  const channels = (layout === "NCHW" ? shape[0] : shape.at(-1)) ?? 1;
  if (channel !== undefined && !(Number.isInteger(channel) && channel >= 0 && channel < channels))
    throw new UserError(`"${name}" has ${channels} channels; there is no channel ${channel}.`);
  if (position && !grid) throw new UserError(`"${name}" has no places; leave the position out.`);
  const [row, column] = position ?? [];
  if (grid && position && !(row! >= 0 && row! < grid.height && column! >= 0 && column! < grid.width))
    throw new UserError(`"${name}" is ${grid.height}×${grid.width}; there is no place ${row},${column}.`);
  const inner = seed.length / channels;
  for (let at = 0; at < seed.length; at++) {
    const own = layout === "NCHW" ? Math.floor(at / inner) : at % channels;
    const place = (layout === "NCHW" ? at % inner : Math.floor(at / channels)) - skip;
    const elsewhere = position !== undefined && place !== row! * grid!.width + column!;
    if ((channel !== undefined && own !== channel) || elsewhere) seed[at] = 0;
  }
  const label = [
    name,
    ...(channel === undefined ? [] : [`channel ${channel}`]),
    ...(position ? [`at ${row},${column}`] : []),
  ].join(", ");
  return { label, value, seed };
}

/**
 * Weight of each class score in the targets' scores, in the shape of `explained`: that of `asked`, and where a picture's row of it is all
 * zeros the favoured class's.
 */
export function favouredWhereZero(g: GraphBuilder, explained: Value, asked: Value): Value {
  const [n, columns] = staticShape(explained) as [number, number];
  const zero = g.constant(scalar(0));
  const free = op.equal(g, op.reduceMax(g, op.abs(g, asked), [1], true), zero);
  if (columns === 1) {
    const sign = op.where(g, op.greater(g, explained, zero), g.constant(scalar(1)), g.constant(scalar(-1)));
    return op.where(g, free, sign, asked);
  }
  const indices = g.constant(
    int64(
      [1, columns],
      Array.from({ length: columns }, (_, index) => index),
    ),
  );
  const favoured = op.cast(
    g,
    op.equal(g, op.reshape(g, op.argMax(g, explained, 1), [n, 1]), indices),
    "float32",
  );
  return op.where(g, free, favoured, asked);
}

/**
 * Weight of each logit in the targets' scores, in the shape of `logits` `[N, K]`: one-hot, or a sign where two classes share one
 * logit.
 * @param graph a network's, which `g` began with
 * @param target index of each picture's class `[N]`, int64; `TOP` for the one that it favours
 */
export function targetSeed(g: GraphBuilder, graph: Graph, target: Value): Value {
  const logits = g.value(LOGITS);
  const [n, columns] = staticShape(logits) as [number, number];
  const classes = Math.max(...graph.outputs.map(({ name }) => staticShape(g.value(name))[1]!));
  const asked = op.reshape(g, target, [n, 1]);
  const indices = Array.from({ length: classes }, (_, index) => index);
  const chosen = op.cast(g, op.equal(g, asked, g.constant(int64([1, classes], indices))), "float32");
  if (columns === classes) return favouredWhereZero(g, logits, chosen);
  const [first, second] = [0, 1].map((at) => op.slice(g, chosen, [1], [at], [at + 1])) as [Value, Value];
  return favouredWhereZero(g, logits, op.sub(g, second, first));
}
