import { scalar } from "../../base/tensor.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { own } from "../ask.ts";
import type { Attribution } from "../method.ts";
import type { Alignment } from "../option.ts";
import { SCORE, scoreIn } from "../questions.ts";
import type { Question, Subject } from "../subject.ts";
import { type LayerMaps, layerMaps, weightedSum } from "./layer-maps.ts";

/** How the maps of a layer are tried as masks for the picture. */
export interface Masking {
  readonly alignment: Alignment;
  /** How many are tried of each picture's, those that vary most; all unless given. */
  readonly maps?: number;
  /** What is done with each mask, once with each as it is unless given. */
  readonly trials?: Trials;
}

/** Several ways to try one mask. */
export interface Trials {
  /** Tells them from others. */
  readonly name: string;
  readonly count: number;
  /** Writes what becomes of masks `[N, 1, H, W]`. Inputs of its own it declares on `g`, each `[N, …]` float32. */
  alter(g: GraphBuilder, mask: Value): Value;
  /** Writes those inputs for a trial. */
  write(trial: number, into: Readonly<Record<string, Float32Array>>): void;
}

const asItIs: Trials = { name: "", count: 1, alter: (_, mask) => mask, write: () => {} };

/** Names of the inputs of a masked picture. */
const PICTURE = "masked/picture";
const MAP = "masked/map";

/**
 * Score-CAM and its kin: a layer's maps, enlarged and brought to 0…1, are masks for the picture, and the softmax of the scores
 * that the masked pictures get are the maps' weights; those of maps that are not tried are 0. Enlarging and masking are done in
 * the graph.
 */
export async function scoreWeighted(
  subject: Subject,
  { alignment, maps: most, trials = asItIs }: Masking,
): Promise<Attribution> {
  const maps = await layerMaps(subject);
  const { height, width } = maps;
  const [places, size] = [height * width, subject.inputs.data.length / maps.pictures.length];
  const tried = maps.pictures.map((picture) => mostVaried(picture, places, most ?? maps.channels));
  const each = tried[0]!.length;
  const picture = (row: number): number => Math.floor(row / (each * trials.count));
  const channel = (row: number): number => tried[picture(row)]![row % each]!;
  const scores = maps.pictures.map(() => new Float64Array(maps.channels));
  const rows = {
    count: maps.pictures.length * trials.count * each,
    picture,
    write(row: number, into: Readonly<Record<string, Float32Array>>) {
      const [start, from] = [picture(row) * size, channel(row) * places];
      into[PICTURE]!.set(subject.inputs.data.subarray(start, start + size));
      into[MAP]!.set(maps.pictures[picture(row)]!.subarray(from, from + places));
      trials.write(Math.floor(row / each) % trials.count, into);
    },
  };
  await subject.ask(maskedScore(subject, maps, alignment, trials), rows, (row, { score }) => {
    scores[picture(row)]![channel(row)]! += score![0]! / trials.count;
  });
  const weights = scores.map((found, at) => softmaxOf(found, tried[at]!));
  return { values: weightedSum(maps, weights) };
}

function maskedScore(
  { model }: Subject,
  { height, width }: LayerMaps,
  alignment: Alignment,
  trials: Trials,
): Question {
  return {
    key: `masked score ${alignment} ${trials.name}`,
    instead: {
      value: model.input.name,
      write(g, shape) {
        const [n, , ...size] = shape as [number, number, number, number];
        const picture = own(g, PICTURE, shape);
        const map = op.reshape(g, own(g, MAP, [n, height, width]), [n, 1, height, width]);
        return op.mul(g, picture, trials.alter(g, maskFrom(g, map, size, alignment)));
      },
    },
    write: ({ g, explained, seed }) => ({ [SCORE]: scoreIn(g, explained, seed) }),
  };
}

/** Maps `[N, 1, h, w]` at the picture's size and from 0 to 1; constant ones are 0. */
function maskFrom(
  g: GraphBuilder,
  map: Value,
  [height, width]: readonly [number, number],
  alignment: Alignment,
): Value {
  const large =
    alignment === "borders"
      ? op.enlarge(g, map, height, width)
      : op.resize(g, map, [2, 3], [height, width], { mode: "linear", coordinates: "align_corners" });
  const least = op.reduceMin(g, large, [2, 3], true);
  const range = op.sub(g, op.reduceMax(g, large, [2, 3], true), least);
  return op.div(g, op.sub(g, large, least), op.add(g, range, g.constant(scalar(1e-8))));
}

/** Channels of `[C, h, w]` whose variance is largest, in their own order. */
function mostVaried(maps: Float32Array, places: number, most: number): number[] {
  const variance = Array.from({ length: maps.length / places }, (_, channel) => {
    const map = maps.subarray(channel * places, (channel + 1) * places);
    const mean = map.reduce((sum, value) => sum + value, 0) / places;
    return map.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  });
  const channels = [...variance.keys()].sort((a, b) => variance[b]! - variance[a]!);
  return channels.slice(0, most).sort((a, b) => a - b);
}

/** The softmax over some of the scores, and 0 for the others. */
function softmaxOf(scores: Float64Array, channels: readonly number[]): Float64Array {
  const highest = Math.max(...channels.map((channel) => scores[channel]!));
  const weights = new Float64Array(scores.length);
  for (const channel of channels) weights[channel] = Math.exp(scores[channel]! - highest);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
