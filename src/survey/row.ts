import { resizeMap } from "../base/resize.ts";
import { float32, type Tensor } from "../base/tensor.ts";
import type { Explanation } from "../explain/explanation.ts";
import { averaged } from "../render/averaged.ts";
import { type EvidencePlace, placeOf } from "./place.ts";

/** One photo of a survey, a line of its index. What is not known is not there. */
export interface SurveyRow extends Partial<EvidencePlace> {
  /** Path in the folder surveyed, with forward slashes. */
  readonly file: string;
  /** SHA-256 of its content. */
  readonly hash: string;
  /** Class of the network that a folder, or the file's name, says it is of. */
  readonly label?: string;
  /** The class that the network favours, and its probability. */
  readonly predicted?: string;
  readonly probability?: number;
  readonly correct?: boolean;
  /** What was explained, and the number that the network gives for it. */
  readonly target: string;
  readonly score?: number;
  /** Sum of what is above zero in the map, in units of the score. */
  readonly evidence: number;
  /** Part of the evidence that lies in the photo's mask, and part of the photo that the mask is. */
  readonly inside?: number;
  readonly masked?: number;
  /** Times that the network was run forward and backward. */
  readonly forward: number;
  readonly backward: number;
  readonly warnings: readonly string[];
  /** Rows and columns of the map. */
  readonly resolution: readonly [height: number, width: number];
  /** The evidence as parts of its sum, at most 16 rows and columns, row after row; nothing where there is none. */
  readonly map: readonly number[];
}

/** What is known of a photo besides its explanation. */
export interface Surveyed extends Pick<SurveyRow, "file" | "hash" | "label"> {
  /** `[H, W]` of the network's input, 1 where the evidence should lie. */
  readonly mask?: { readonly shape: readonly [number, number]; readonly data: Uint8Array };
}

const mostCells = 16;

/** Rows and columns of the maps in an index. */
export const cellsOf = ([height, width]: SurveyRow["resolution"]): [number, number] => [
  Math.min(height, mostCells),
  Math.min(width, mostCells),
];

export function rowOf({ file, hash, label, mask }: Surveyed, explanation: Explanation): SurveyRow {
  const { evidence: map, target, scores, passes, warnings } = explanation;
  const evidence = float32(
    map.shape,
    map.data.map((value) => Math.max(0, value)),
  );
  const total = sum(evidence.data);
  const score = target.value ?? target.logit;
  return {
    ...{ file, hash },
    ...(label === undefined ? {} : { label }),
    ...favourite(scores, label),
    target: target.label,
    ...(Number.isFinite(score) ? { score } : {}),
    evidence: total,
    ...placeOf(evidence),
    ...(mask && total > 0 ? insideOf(evidence, mask) : {}),
    ...{ forward: passes.forward, backward: passes.backward, warnings },
    resolution: map.shape as [number, number],
    map: total > 0 ? sharesOf(averaged(evidence, mostCells).data) : [],
  };
}

/** The favoured class; nothing of a network that gives a value. */
function favourite(
  scores: Explanation["scores"],
  label: string | undefined,
): Pick<SurveyRow, "predicted" | "probability" | "correct"> {
  const [best] = scores.toSorted((a, b) => b.probability - a.probability);
  if (!best || best.value !== undefined) return {};
  return {
    predicted: best.label,
    probability: best.probability,
    ...(label === undefined ? {} : { correct: label === best.label }),
  };
}

function insideOf(
  evidence: Tensor<"float32">,
  { shape, data }: NonNullable<Surveyed["mask"]>,
): Pick<SurveyRow, "inside" | "masked"> {
  const enlarged = resizeMap(evidence, ...shape).data;
  return {
    inside: sum(enlarged.map((value, at) => value * data[at]!)) / sum(enlarged),
    masked: sum(data) / data.length,
  };
}

/** As parts of their sum, in four digits. */
function sharesOf(values: Float32Array): number[] {
  const total = sum(values);
  return Array.from(values, (value) => Number((value / total).toPrecision(4)));
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < values.length; at++) total += values[at]!;
  return total;
}
