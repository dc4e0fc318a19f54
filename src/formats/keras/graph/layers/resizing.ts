import type { Value } from "../../../../graph/graph.ts";
import * as op from "../../../../graph/operators/index.ts";
import { formats } from "../order.ts";
import { type LayerCall, type LayerRule, type LayerRules, only } from "./layer.ts";

const modes = { bicubic: "cubic", bilinear: "linear", nearest: "nearest" } as const;
type Interpolation = keyof typeof modes;

/** Keras resizes between the centres of pixels; TensorFlow.js's own layers have `coordinates` of theirs. */
function resized(
  { g, dialect, settings }: LayerCall,
  x: Value,
  sizes: readonly number[],
  interpolation: Interpolation,
  coordinates: op.ResizeOptions["coordinates"],
): Value {
  const mode = modes[settings.choice("interpolation", Object.keys(modes) as Interpolation[], interpolation)];
  const axes = sizes.map((_, axis) => axis + 2);
  if (dialect !== "TensorFlow.js") return op.resize(g, x, axes, sizes, { mode, coordinates: "half_pixel" });
  const nearest = coordinates === "asymmetric" ? "floor" : "round_prefer_ceil";
  return op.resize(g, x, axes, sizes, { mode, coordinates, nearest });
}

const upSampling =
  (rank: number): LayerRule =>
  (call) => {
    const { order, settings } = call;
    const format = settings.choice("data_format", formats, "channels_last");
    const x = order.channelsFirst(only(call, rank + 2), format);
    const size = settings.wholes("size", rank, 2);
    const sizes = size.map((factor, axis) => factor * (x.shape![axis + 2] as number));
    return order.fromChannelsFirst(resized(call, x, sizes, "nearest", "asymmetric"), format);
  };

/** Squashed to the size, or cut to its aspect first. */
const resizing: LayerRule = (call) => {
  const { order, settings, refuse } = call;
  const format = settings.choice("data_format", formats, "channels_last");
  const x = order.channelsFirst(only(call, 4), format);
  const size = [settings.whole("height"), settings.whole("width")] as const;
  if (settings.flag("pad_to_aspect_ratio", false))
    throw refuse("pads pictures to an aspect, which is not done here; resize them before.");
  const cut = settings.flag("crop_to_aspect_ratio", false);
  // TensorFlow.js has no crop here, but takes the word for this.
  if (call.dialect === "TensorFlow.js")
    return order.fromChannelsFirst(
      resized(call, x, size, "bilinear", cut ? "asymmetric" : "align_corners"),
      format,
    );
  const part = cut ? middle(call, x, ofAspect(x, size)) : x;
  return order.fromChannelsFirst(resized(call, part, size, "bilinear", "half_pixel"), format);
};

/** The middle of a picture that is large enough, else what `resizing` makes of it. */
const centerCrop: LayerRule = (call) => {
  const { order, settings } = call;
  const format = settings.choice("data_format", formats, "channels_last");
  const x = order.channelsFirst(only(call, 4), format);
  const size = [settings.whole("height"), settings.whole("width")] as const;
  const [height, width] = x.shape!.slice(2) as [number, number];
  const cut =
    height >= size[0] && width >= size[1]
      ? middle(call, x, size)
      : resized(call, middle(call, x, ofAspect(x, size)), size, "bilinear", "half_pixel");
  return order.fromChannelsFirst(cut, format);
};

/** The largest size within `x` that has the aspect of another. */
function ofAspect(x: Value, [height, width]: readonly [number, number]): readonly [number, number] {
  const [most, widest] = x.shape!.slice(2) as [number, number];
  return [
    Math.max(1, Math.min(most, Math.floor((widest * height) / width))),
    Math.max(1, Math.min(widest, Math.floor((most * width) / height))),
  ];
}

function middle({ g }: LayerCall, x: Value, size: readonly [number, number]): Value {
  const starts = size.map((extent, axis) => Math.floor(((x.shape![axis + 2] as number) - extent) / 2));
  const ends = size.map((extent, axis) => starts[axis]! + extent);
  return op.slice(g, x, [2, 3], starts, ends);
}

export const resizers: LayerRules = {
  CenterCrop: centerCrop,
  Resizing: resizing,
  UpSampling1D: upSampling(1),
  UpSampling2D: upSampling(2),
  UpSampling3D: upSampling(3),
};
