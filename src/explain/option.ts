import { listNames, UsageError } from "../base/errors.ts";
import { sha256 } from "../base/hash.ts";
import type { Interpolation } from "../base/resize.ts";
import { bytesOf, type Tensor } from "../base/tensor.ts";

/** The options of all methods: the same thing has the same name everywhere. */
export interface OptionValues {
  /** Points on the path from the baseline to the picture, or steps of an optimization. */
  readonly steps: number;
  /** How the path's integral becomes a sum. */
  readonly rule: QuadratureRule;
  /** What stands for "nothing to see". */
  readonly baseline: Baseline;
  /** Magnitudes instead of signed values. */
  readonly absolute: boolean;
  /** Random draws. */
  readonly samples: number;
  /** Standard deviation of noise, as a share of the picture's range. */
  readonly noise: number;
  /** Extent of a window in pixels. */
  readonly window: Extent;
  /** Pixels from one window to the next. */
  readonly stride: Extent;
  /** Which pixels go together. */
  readonly mask: Mask;
  /** Share of the numbers that move at a time. */
  readonly fraction: number;
  /** How far a path may be off the straight line, as a share of it. */
  readonly deviation: number;
  /** Standard deviation of the widest blur, in pixels. */
  readonly blur: number;
  /** Index of a layer's channel. */
  readonly channel: number;
  /** What keeps a division from zero. */
  readonly epsilon: number;
  /** How much positive weights are favoured. */
  readonly gamma: number;
  /** Weight of what excites an output. */
  readonly alpha: number;
  /** Weight of what inhibits an output. */
  readonly beta: number;
  /** Lowest number that the picture's elements can be as the network takes them. */
  readonly low: Bound;
  /** Highest number that the picture's elements can be. */
  readonly high: Bound;
  /** What a walk back from the score begins with: one, as a gradient does, or the score itself. */
  readonly start: Start;
  /** How weighted channels become one map. */
  readonly combine: Combination;
  /** Maps that are tried: those that vary most. */
  readonly maps: number;
  /** What lies on what where a map is enlarged to a mask for the picture. */
  readonly alignment: Alignment;
  /** How a map is enlarged. */
  readonly interpolation: Interpolation;
  /** Drops as shares of the score. */
  readonly relative: boolean;
  /** Standard deviations above its mean from which a map is active. */
  readonly deviations: number;
  /** How alike two places are. */
  readonly kernel: Kernel;
  /** Classes that the target is compared with: those whose scores are nearest. */
  readonly rivals: number;
  /** How much of the rivals' scores is taken off. */
  readonly strength: number;
  /** Segments of a picture, about. */
  readonly segments: number;
  /** Cells of a coarse mask along each side of the picture. */
  readonly grid: number;
  /** Share of the picture that is shown. */
  readonly area: number;
  /** How far a sample is from the picture, by which of its segments are hidden. */
  readonly distance: Distance;
  /** Deviation of the Gaussian by which samples that are further from the picture weigh less. */
  readonly bandwidth: number;
  /** What keeps the weights of a linear model small: their squares, or their magnitudes, which leaves many at zero. */
  readonly penalty: Penalty;
  /** Weight of the penalty. */
  readonly shrinkage: number;
}

export type OptionName = keyof OptionValues;

export type QuadratureRule =
  | "riemann-left"
  | "riemann-right"
  | "riemann-middle"
  | "trapezoid"
  | "gauss-legendre"
  | "graded"
  | "riemann-trapezoid"
  | "mean";

export type Start = "one" | "score";

/**
 * What black or white is, channel by channel, or where nobody said how pictures become the input, the largest magnitude in the picture, of
 * either sign; or one number.
 */
export type Bound = "lowest" | "highest" | number;

/** Their sum, or their projection on their first principal component. */
export type Combination = "sum" | "principal-component";

/** Pixels' borders, as wherever we resize, or the centres of the pixels in the corners. */
export type Alignment = "borders" | "corners";

export type Kernel = "sigmoid" | "gaussian";

/** Pixels in both directions, or in each. */
export type Extent = number | readonly [height: number, width: number];

/** `cosine`: one minus that of the angle between what is shown of the sample and of the picture; `l2`, the root of the number hidden. */
export type Distance = "cosine" | "l2";

export type Penalty = "ridge" | "lasso";

/**
 * `zero` in the network's own numbers; `black`, `white`, `mean` (the picture's own mean color) and `blur` as pictures; one number for all;
 * or a tensor `[C, H, W]` as the network takes it. Methods that take the mean over several take `extremes` too, two plain pictures of each
 * channel's least and greatest number, and tensors `[B, C, H, W]`.
 */
export type Baseline = "zero" | "black" | "white" | "mean" | "blur" | "extremes" | number | Tensor<"float32">;

/** `grid`, squares; `slic`, superpixels; or a segment's number for each pixel, `[H, W]`. */
export type Mask = "grid" | "slic" | Tensor;

/** What an option is, how text becomes it, and what it may be. */
export interface OptionKind<T> {
  readonly summary: string;
  /** For messages and help: `a whole number from 1`. */
  readonly takes: string;
  /** `undefined` for text that is none. */
  parse(text: string): T | undefined;
  valid(value: unknown): value is T;
}

/** The vocabulary. */
export const optionKinds: { readonly [K in OptionName]: OptionKind<OptionValues[K]> } = {
  steps: whole("points on the path, or steps of the search", 1),
  rule: choice("how the integral over the path becomes a sum", [
    "riemann-left",
    "riemann-right",
    "riemann-middle",
    "trapezoid",
    "gauss-legendre",
    "graded",
    "riemann-trapezoid",
    "mean",
  ]),
  baseline: {
    summary: 'what stands for "nothing to see"',
    takes: "zero, black, white, mean, blur, extremes, a number, or a tensor [C, H, W] or [B, C, H, W] (.npy)",
    parse: (text) => (isNamedBaseline(text) ? text : numberIn(text)),
    valid: (value): value is Baseline =>
      isNamedBaseline(value) || (typeof value === "number" && Number.isFinite(value)) || isFloats(value),
  },
  absolute: flag("magnitudes instead of signed values"),
  samples: whole("random draws", 1),
  noise: number("standard deviation of the noise, as a share of the picture's range", 0),
  window: extent("extent of a window in pixels"),
  stride: extent("pixels from one window to the next"),
  mask: {
    summary: "which pixels go together",
    takes: "grid, slic, or a segment's number for each pixel [H, W] (.npy)",
    parse: (text) => (text === "grid" || text === "slic" ? text : undefined),
    valid: (value): value is Mask => value === "grid" || value === "slic" || isTensor(value),
  },
  fraction: between("share of the numbers that move at a time", 0.01, 1),
  deviation: between("how far the path may be off the straight line, as a share of it", 0, 1),
  blur: between("standard deviation of the widest blur, in pixels", 0, 1000),
  channel: whole("index of the layer's channel", 0),
  epsilon: number("what keeps a division from zero", 0),
  gamma: number("how much positive weights are favoured", 0),
  alpha: number("weight of what excites an output, 1 more than beta", 1),
  beta: number("weight of what inhibits an output", 0),
  low: bound("lowest number that the picture's elements can be"),
  high: bound("highest number that the picture's elements can be"),
  start: choice("what the walk back from the score begins with", ["one", "score"]),
  combine: choice("how weighted channels become one map", ["sum", "principal-component"]),
  maps: whole("maps that are tried: those that vary most", 1),
  alignment: choice("what lies on what where a map is enlarged to a mask for the picture", [
    "borders",
    "corners",
  ]),
  interpolation: choice("how a map is enlarged", ["bilinear", "nearest"]),
  relative: flag("drops as shares of the score"),
  deviations: number("standard deviations above its mean from which a map is active", 0),
  kernel: choice("how alike two places are", ["sigmoid", "gaussian"]),
  rivals: whole("classes that the target is compared with: those whose scores are nearest", 1),
  strength: number("how much of the rivals' scores is taken off", 0),
  segments: whole("segments of a picture, about", 1),
  grid: whole("cells of a coarse mask along each side of the picture", 1),
  area: {
    summary: "share of the picture that is shown",
    takes: "a number between 0 and 1",
    parse: numberIn,
    valid: (value): value is number => typeof value === "number" && value > 0 && value < 1,
  },
  distance: choice("how far a sample is from the picture, by its hidden segments", ["cosine", "l2"]),
  bandwidth: {
    summary: "deviation of the Gaussian by which samples further from the picture weigh less",
    takes: "a number above 0",
    parse: numberIn,
    valid: (value): value is number => Number.isFinite(value) && (value as number) > 0,
  },
  penalty: choice("what keeps the weights of a linear model small", ["ridge", "lasso"]),
  shrinkage: number("weight of the penalty", 0),
};

/**
 * The options of a method, its own defaults but for those given.
 * @throws UsageError for one that it does not take, or a value that it cannot be
 */
export function withDefaults<O extends Partial<OptionValues>>(
  method: { readonly name: string; readonly options: Readonly<O> },
  given: Readonly<Partial<OptionValues>> = {},
): Readonly<O> {
  for (const [name, value] of Object.entries(given)) {
    if (!(name in method.options)) throw new UsageError(unknownOption(method, name));
    const kind = optionKinds[name as OptionName];
    if (!kind.valid(value))
      throw new UsageError(`${method.name} takes ${kind.takes} for ${name}, not ${String(value)}.`);
  }
  return { ...method.options, ...given } as Readonly<O>;
}

/**
 * Options as text, `{ steps: "20" }`, for a method.
 * @throws UsageError for one that it does not take, or text that says no value
 */
export function parseOptions(
  method: { readonly name: string; readonly options: Readonly<Partial<OptionValues>> },
  texts: Readonly<Record<string, string>>,
): Partial<OptionValues> {
  const entries = Object.entries(texts).map(([name, text]) => {
    if (!(name in method.options)) throw new UsageError(unknownOption(method, name));
    const kind = optionKinds[name as OptionName];
    const value = kind.parse(text.trim());
    if (value === undefined || !kind.valid(value))
      throw new UsageError(`${method.name} takes ${kind.takes} for ${name}, not "${text}".`);
    return [name, value];
  });
  return Object.fromEntries(entries);
}

/** Text that tells options from all others. */
export async function optionsKey(options: Readonly<Partial<OptionValues>>): Promise<string> {
  const entries = Object.entries(options).map(async ([name, value]) => [
    name,
    isTensor(value) ? [value.shape, await sha256(bytesOf(value))] : value,
  ]);
  return JSON.stringify(await Promise.all(entries));
}

function unknownOption(method: { readonly name: string; readonly options: object }, name: string): string {
  const names = Object.keys(method.options);
  const known = names.length > 0 ? `its options are ${listNames(names)}` : "it takes none";
  return `${method.name} has no option "${name}"; ${known}.`;
}

function whole(summary: string, least: number): OptionKind<number> {
  return {
    summary,
    takes: `a whole number from ${least}`,
    parse: numberIn,
    valid: (value): value is number => Number.isSafeInteger(value) && (value as number) >= least,
  };
}

function extent(summary: string): OptionKind<Extent> {
  const { valid } = whole(summary, 1);
  return {
    summary,
    takes: "a whole number from 1, or height and width as 8x4",
    parse(text) {
      const parts = text.split("x").map((part) => numberIn(part));
      const [height, width] = parts;
      if (height === undefined || parts.length > 2) return undefined;
      return parts.length === 1 ? height : width === undefined ? undefined : [height, width];
    },
    valid: (value): value is Extent =>
      Array.isArray(value) ? value.length === 2 && value.every(valid) : valid(value),
  };
}

function number(summary: string, least = Number.NEGATIVE_INFINITY): OptionKind<number> {
  return {
    summary,
    takes: least === Number.NEGATIVE_INFINITY ? "a number" : `a number from ${least}`,
    parse: numberIn,
    valid: (value): value is number => Number.isFinite(value) && (value as number) >= least,
  };
}

function bound(summary: string): OptionKind<Bound> {
  const named = (value: unknown): value is Bound & string => value === "lowest" || value === "highest";
  return {
    summary,
    takes: "lowest, highest (what black and white are) or a number",
    parse: (text) => (named(text) ? text : numberIn(text)),
    valid: (value): value is Bound => named(value) || Number.isFinite(value),
  };
}

function between(summary: string, least: number, most: number): OptionKind<number> {
  const { parse, valid } = number(summary, least);
  return {
    summary,
    takes: `a number from ${least} to ${most}`,
    parse,
    valid: (value): value is number => valid(value) && value <= most,
  };
}

function flag(summary: string): OptionKind<boolean> {
  return {
    summary,
    takes: "true or false",
    parse: (text) => (text === "true" ? true : text === "false" ? false : undefined),
    valid: (value): value is boolean => typeof value === "boolean",
  };
}

function choice<T extends string>(summary: string, choices: readonly T[]): OptionKind<T> {
  return {
    summary,
    takes: listNames(choices).replace(/ and /, " or "),
    parse: (text) => choices.find((item) => item === text),
    valid: (value): value is T => choices.includes(value as T),
  };
}

function numberIn(text: string): number | undefined {
  return text === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
}

function isNamedBaseline(value: unknown): value is Baseline & string {
  return ["zero", "black", "white", "mean", "blur", "extremes"].includes(value as string);
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "dtype" in value && "shape" in value;
}

function isFloats(value: unknown): value is Tensor<"float32"> {
  return isTensor(value) && value.dtype === "float32";
}
