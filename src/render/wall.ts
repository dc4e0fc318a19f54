import type { Picture } from "../base/picture.ts";
import type { Tensor } from "../base/tensor.ts";
import type { Method } from "../explain/method.ts";
import type { ClassScore } from "../model/predict.ts";
import { mapSize } from "./colormaps.ts";
import { said } from "./figures/format.ts";
import { heatRange } from "./range.ts";
import { renderings } from "./renderings/index.ts";

/** Many explanations of one photo, side by side. */
export interface WallInput {
  readonly photo: Picture;
  /** The photo's file name. */
  readonly name: string;
  readonly model: string;
  /** What was explained, and what the network says of it. */
  readonly target: ClassScore;
  /** The network's first answers, the most probable first. */
  readonly scores: readonly ClassScore[];
  /** What the tiles' scores are. */
  readonly measure?: WallMeasure;
  /** In the order in which they are shown. */
  readonly tiles: readonly WallTile[];
  /** Methods that do not go with the network, and why. */
  readonly omitted: readonly { readonly title: string; readonly reason: string }[];
}

export interface WallMeasure {
  readonly title: string;
  /** In a sentence. */
  readonly summary: string;
  readonly better: "higher" | "lower";
}

/** One explanation. */
export interface WallTile {
  readonly name: string;
  readonly title: string;
  readonly family: string;
  /** What it answers, and how it may mislead. */
  readonly about: Pick<Method, "summary" | "formula" | "paper" | "limits">;
  /** `[H, W]` or `[1, H, W]`, any size. */
  readonly attribution: Tensor<"float32">;
  /** Whether what lies below zero speaks against the target, or says nothing. */
  readonly signed: boolean;
  /** Where it was explained; the input unless given. */
  readonly layer?: string;
  readonly seconds: number;
  /** How often the network was run, forward and backward. */
  readonly passes: number;
  /** By the wall's measure. */
  readonly score?: number;
  /** It knows nothing of what the network sees: others must look and score otherwise. */
  readonly control: boolean;
  /** What a reader must know before the picture. */
  readonly remarks: readonly string[];
}

/** Percentage of a map's strength that no picture of a wall makes room for. */
export const wallClip = 5;
/** Maps with more values a side are too fine for colours over a photo's own. */
const coarse = 64;
/** A tile's picture: in red, and blue where the sign counts, on the photo in grey; or of a coarse map without a sign an overlay. */
export function wallPicture(photo: Picture, { attribution, signed }: WallTile): Picture {
  const { width, height } = mapSize(attribution);
  if (!signed && Math.max(width, height) <= coarse)
    return renderings.overlay(photo, attribution, { clip: wallClip });
  const [, high] = heatRange(attribution, signed, wallClip);
  const data = signed ? attribution.data : attribution.data.map((value) => Math.max(0, value));
  return renderings.signed(photo, { ...attribution, data }, { range: [-high, high] });
}

/** A row of what the network says. */
export interface Answer extends ClassScore {
  readonly isTarget: boolean;
  /** Of the largest probability. */
  readonly share: number;
}

/** The network's first five answers, and the target, wherever it stands; of a value that alone. */
export function answersOf({ scores, target }: WallInput): Answer[] {
  const first = scores.slice(0, 5);
  const isAmong = first.some(({ index }) => index === target.index);
  const most = Math.max(...first.map(({ probability }) => probability));
  return (isAmong ? first : [...first, target])
    .filter((score) => said(score) !== "–")
    .map((score) => ({
      ...score,
      isTarget: score.index === target.index,
      share: score.probability / most || 0,
    }));
}

/** `1 pass`, `64 passes`. */
export function passesOf({ passes }: Pick<WallTile, "passes">): string {
  const whole = Math.round(passes);
  return `${whole} ${whole === 1 ? "pass" : "passes"}`;
}

/** Where a score lies between the worst and the best of the wall, 0…1; nowhere without one. */
export function worstToBest({
  tiles,
  measure,
}: WallInput): (score: number | undefined) => number | undefined {
  const scores = tiles.flatMap(({ score }) => (score !== undefined && Number.isFinite(score) ? [score] : []));
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  return (score) => {
    if (score === undefined || !Number.isFinite(score)) return undefined;
    if (low === high) return 1;
    const share = (score - low) / (high - low);
    return measure?.better === "lower" ? 1 - share : share;
  };
}
