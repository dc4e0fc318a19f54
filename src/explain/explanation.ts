import { UserError } from "../base/errors.ts";
import { resizeMap } from "../base/resize.ts";
import { float32, sizeOf, type Tensor } from "../base/tensor.ts";
import { gridOf } from "../model/grid.ts";
import { type Layer, type Model, PROBABILITIES } from "../model/model.ts";
import type { ClassScore } from "../model/predict.ts";
import type { Passes } from "./ask.ts";
import type { Convention } from "./convention.ts";
import { channelsJoined, inMaps } from "./maps.ts";
import { type Attribution, type Method, readingOf } from "./method.ts";
import type { OptionValues } from "./option.ts";
import { remarksOn } from "./remarks.ts";
import { type Target, TOP_LABEL } from "./target.ts";

/**
 * What was explained. Of what is no single class, such as a difference of two or an activation, `index` is −1, `logit` and `probability` are
 * NaN, and `value` is the number explained.
 */
export interface ExplainedTarget extends ClassScore {
  /** For people: `boxer`, `boxer, not tabby`, `conv2d_1, channel 5`. */
  readonly label: string;
}

/** Where the evidence for a target lies in one picture. */
export interface Explanation {
  /**
   * `evidence` enlarged bilinearly to the size of the network's input, `[H, W]`, not scaled; by a convention, as its library scales and
   * enlarges `raw`.
   */
  readonly attribution: Tensor<"float32">;
  /**
   * The map `[h, w]` at its own resolution, in units of the score: what speaks for the target, and for methods whose sign counts what
   * speaks against it, below zero.
   */
  readonly evidence: Tensor<"float32">;
  /** The method's numbers as its formula has them, before anything is joined, cut off, enlarged or scaled: `[h, w]` or `[C, h, w]`. */
  readonly raw: Tensor<"float32">;
  readonly method: Method;
  readonly options: Readonly<Partial<OptionValues>>;
  /** Whether what lies below zero speaks against the target, or says nothing and is cut off in pictures. */
  readonly sign: "signed" | "positive";
  /** The library whose ways were taken. */
  readonly convention: Convention | undefined;
  /** Where it was explained, of methods at a layer; the last of several. */
  readonly layer: Layer | undefined;
  /** All layers whose maps were made one. */
  readonly layers: readonly Layer[];
  readonly target: ExplainedTarget;
  /** What the network says of every class, in class order; empty of a network that knows no classes. */
  readonly scores: readonly ClassScore[];
  /** Numbers that say how exact it is, such as `completeness`: what the attributions miss of the score. */
  readonly checks: Readonly<Record<string, number>>;
  /** What a reader should know before the picture: a map with nothing above zero, a saturated probability. */
  readonly warnings: readonly string[];
  /** Times that the network was run for this picture. */
  readonly passes: Readonly<Passes>;
}

/** What the network says of a picture. */
export interface Said {
  /** Of every class, in class order; nothing of a network that knows none. */
  readonly scores: readonly ClassScore[];
  /** The number that is explained. */
  readonly score: number;
}

/** How pictures were explained. */
export interface Explained {
  readonly method: Method;
  readonly options: Readonly<Partial<OptionValues>>;
  readonly convention?: Convention | undefined;
  readonly layer: Layer | undefined;
  readonly model: Model;
  readonly passes: Readonly<Passes>;
}

/** What a method found for the picture in row `at` of a batch. */
export function explanationOf(
  { method, options, convention, layer, model, passes }: Explained,
  { values, checks = {} }: Attribution,
  at: number,
  target: Target,
  { scores, score }: Said,
): Explanation {
  const shape = values.shape.slice(1);
  const size = sizeOf(shape);
  const raw = float32(shape, values.data.slice(at * size, (at + 1) * size));
  checkFinite(raw.data, `The map of ${method.name}`);
  const activation = layer && model.graph.values.get(layer.output)?.shape?.slice(1);
  const grid = layer && activation?.join() === shape.join() ? gridOf(model.graph, layer.output) : undefined;
  const { sign, channels } = readingOf(method, options);
  const map = channelsJoined(inMaps(raw, grid), channels);
  const evidence = sign === "signed" ? map : float32(map.shape, map.data.map(positive));
  const { height, width } = model.input;
  const shown = explainedTarget(target, scores, score);
  return {
    attribution: convention
      ? convention.scaled(inMaps(raw, grid), height, width)
      : resizeMap(evidence, height, width),
    evidence,
    raw,
    ...{ method, options, sign, convention, layer, scores, passes, target: shown },
    layers: layer ? [layer] : [],
    checks: Object.fromEntries(Object.entries(checks).map(([name, rows]) => [name, rows[at]!])),
    warnings: warningsOf(sign, map, target, shown),
  };
}

const positive = (value: number): number => Math.max(0, value);

/** What the network says of a target. */
function explainedTarget(
  { label, index }: Target,
  scores: readonly ClassScore[],
  score: number,
): ExplainedTarget {
  if (index !== undefined && scores[index]) return scores[index];
  if (label === TOP_LABEL) return favourite(scores);
  return { label, index: -1, logit: Number.NaN, probability: Number.NaN, value: score };
}

function favourite(scores: readonly ClassScore[]): ClassScore {
  return scores.reduce((best, score) => (score.logit > best.logit ? score : best));
}

/** What a reader should know before the picture. */
function warningsOf(
  sign: Explanation["sign"],
  map: Tensor<"float32">,
  { value }: Target,
  target: ExplainedTarget,
): string[] {
  const warnings = remarksOn(map, sign === "signed");
  if (value === PROBABILITIES && target.probability > SATURATED)
    warnings.push(
      `its probability is ${target.probability.toFixed(4)}, where it hardly changes with the picture; explain the logit`,
    );
  return warnings;
}

/** Where the slope of a probability is below a hundredth of its logit's. */
const SATURATED = 0.99;

/** @throws UserError when a network gives no number at all for a picture */
function checkFinite(values: ArrayLike<number>, what: string): void {
  for (let at = 0; at < values.length; at++)
    if (!Number.isFinite(values[at]))
      throw new UserError(
        `${what} is ${values[at]}; the network overflows there, look at its weights and preprocessing.`,
      );
}
