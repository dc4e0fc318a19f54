import { blurMap } from "../base/blur.ts";
import { UserError } from "../base/errors.ts";
import { rangeOf } from "../base/range.ts";
import { float32, sizeOf, type Tensor } from "../base/tensor.ts";
import type { InputSpec, Model } from "../model/model.ts";
import { preprocessingOf } from "../model/preprocessing.ts";
import type { Baseline } from "./option.ts";

/** Pictures under explanation, `[N, C, H, W]`. */
interface Pictures {
  readonly model: Model;
  readonly inputs: Tensor<"float32">;
}

/** What pictures are held against. */
export interface Baselines {
  /** Of each picture; the same for all. */
  readonly count: number;
  /** `[C, H, W]`, a view. */
  of(picture: number, index: number): Float32Array;
}

/**
 * The baseline of each picture, `[N, C, H, W]`.
 * @throws UserError when a tensor has another shape or holds several, or the network does not say what black and white are to it
 */
export function baselineOf(pictures: Pictures, baseline: Baseline): Tensor<"float32"> {
  const { count, of } = baselinesOf(pictures, baseline);
  const name = typeof baseline === "object" ? `A tensor [${baseline.shape.join(", ")}]` : `"${baseline}"`;
  if (count > 1)
    throw new UserError(
      `${name} is ${count} baselines, and this method takes one; give one of them as [C, H, W].`,
    );
  const { shape, data } = pictures.inputs;
  const all = new Float32Array(data.length);
  const size = sizeOf(shape.slice(1));
  for (let picture = 0; picture < shape[0]!; picture++) all.set(of(picture, 0), picture * size);
  return float32(shape, all);
}

/**
 * One or several baselines of each picture.
 * @throws UserError when a tensor has another shape, or the network does not say what black and white are to it
 */
export function baselinesOf({ model, inputs }: Pictures, baseline: Baseline): Baselines {
  const shape = inputs.shape.slice(1);
  const size = sizeOf(shape);
  if (typeof baseline === "object") {
    const [count, ...rest] = baseline.shape.length === 3 ? [1, ...baseline.shape] : baseline.shape;
    if (!count || rest.join() !== shape.join())
      throw new UserError(
        `A baseline [${baseline.shape.join(", ")}] does not fit the network, which takes [${shape.join(", ")}].`,
      );
    return { count, of: (_, index) => baseline.data.subarray(index * size, (index + 1) * size) };
  }
  if (baseline === "blur") {
    const { height, width } = model.input;
    const blurred = blurMap(inputs, Math.max(height, width) / 20).data;
    return { count: 1, of: (picture) => blurred.subarray(picture * size, (picture + 1) * size) };
  }
  const count = baseline === "extremes" ? 2 : 1;
  const plane = sizeOf(shape.slice(1));
  const color = colorOf(model.input, baseline);
  return {
    count,
    of(picture, index) {
      const plain = new Float32Array(size);
      for (let at = 0; at < size; at += plane) {
        const start = picture * size + at;
        plain.fill(color(inputs.data.subarray(start, start + plane), at / plane, index), at, at + plane);
      }
      return plain;
    },
  };
}

/** The number that fills a channel, given what it is in the picture. */
type Color = (channel: Float32Array, at: number, index: number) => number;

function colorOf(input: InputSpec, baseline: Exclude<Baseline, "blur" | object>): Color {
  if (typeof baseline === "number") return () => baseline;
  const level = (pixel: number): Color => {
    const { mean, std } = preprocessingOf(input);
    return (_, at) => (pixel - mean[at]!) / std[at]!;
  };
  switch (baseline) {
    case "zero":
      return () => 0;
    case "black":
      return level(0);
    case "white":
      return level(255);
    case "mean":
      return (channel) => channel.reduce((sum, value) => sum + value, 0) / channel.length;
    case "extremes":
      return (channel, _, index) => rangeOf(channel)[index]!;
  }
}
