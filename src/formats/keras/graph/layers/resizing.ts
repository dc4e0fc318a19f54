import type { Value } from "../../../../graph/graph.ts";
import * as op from "../../../../graph/operators/index.ts";
import { formats } from "../order.ts";
import { type LayerCall, type LayerRule, type LayerRules, only } from "./layer.ts";

const modes = { bicubic: "cubic", bilinear: "linear", nearest: "nearest" } as const;
type Interpolation = keyof typeof modes;

/**
 * Keras resizes between the centres of pixels; TensorFlow.js's own layers have `coordinates` of theirs. Bicubic is by Keys's weights,
 * which TensorFlow rounds to 1024 places between two pixels: its results are off by up to 1e-3 of the pixels' range.
 */
function resized(
  { g, dialect, settings, refuse }: LayerCall,
  x: Value,
  sizes: readonly number[],
  interpolation: Interpolation,
  coordinates: op.ResizeOptions["coordinates"],
): Value {
  const names = Object.keys(modes) as Interpolation[];
  const mode =
    modes[settings.choice("interpolation", names, settings.choice("method", names, interpolation))];
  const axes = sizes.map((_, axis) => axis + 2);
  if (dialect !== "TensorFlow.js") {
    const shrunk = sizes.some((size, axis) => size < (x.shape![axes[axis]!] as number));
    const antialias = shrunk && mode !== "nearest" && settings.flag("antialias", false);
    // There ONNX's operator repeats the outermost pixels, and Keras leaves out what is beyond them.
    if (antialias && mode === "linear")
      throw refuse(
        "shrinks pictures with antialias, which is done here for bicubic alone; resize them before.",
      );
    return op.resize(g, x, axes, sizes, { mode, coordinates: "half_pixel", antialias });
  }
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

/** A picture squashed to the size, or cut or padded to its aspect first. */
export function resize(call: LayerCall, size: readonly [number, number]): Value {
  const { order, settings } = call;
  const format = settings.choice("data_format", formats, "channels_last");
  const x = order.channelsFirst(only(call, 4), format);
  const cut = settings.flag("crop_to_aspect_ratio", false);
  // TensorFlow.js has no crop here, but takes the word for this.
  if (call.dialect === "TensorFlow.js")
    return order.fromChannelsFirst(
      resized(call, x, size, "bilinear", cut ? "asymmetric" : "align_corners"),
      format,
    );
  const padded = settings.flag("pad_to_aspect_ratio", false);
  const part = cut ? middle(call, x, within(x, size)) : padded ? framed(call, x, size) : x;
  return order.fromChannelsFirst(resized(call, part, size, "bilinear", "half_pixel"), format);
}

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
      : resized(call, middle(call, x, within(x, size)), size, "bilinear", "half_pixel");
  return order.fromChannelsFirst(cut, format);
};

/** Pictures that are cut at random in training alone, where there is nothing to be cut. */
const randomCrop: LayerRule = (call) => {
  const { order, settings, refuse } = call;
  const format = settings.choice("data_format", formats, "channels_last");
  const x = order.channelsFirst(only(call, 4), format);
  const size = [settings.whole("height"), settings.whole("width")];
  const places = x.shape!.slice(2);
  // Versions of Keras cut the middle, resize, or leave pictures as they are.
  if (places.join() !== size.join())
    throw refuse(
      `makes ${size.join("×")} of ${places.join("×")} pixels, which versions of Keras do differently; leave it out, or put Resizing in its place.`,
    );
  call.skipRest();
  return only(call);
};

/** The largest size within `x` that has the aspect of another. */
function within(x: Value, [height, width]: readonly [number, number]): readonly [number, number] {
  const [most, widest] = x.shape!.slice(2) as [number, number];
  return [
    Math.max(1, Math.min(most, Math.floor((widest * height) / width))),
    Math.max(1, Math.min(widest, Math.floor((most * width) / height))),
  ];
}

/** A picture with `fill_value` at two of its sides, as wide at both, for the aspect of a size. */
function framed({ g, settings }: LayerCall, x: Value, [height, width]: readonly [number, number]): Value {
  const [least, narrowest] = x.shape!.slice(2) as [number, number];
  const rows = Math.floor(Math.max(0, Math.floor((narrowest * height) / width) - least) / 2);
  const columns = Math.floor(Math.max(0, Math.floor((least * width) / height) - narrowest) / 2);
  return op.pad(g, x, [0, 0, rows, columns, 0, 0, rows, columns], settings.number("fill_value", 0));
}

function middle({ g }: LayerCall, x: Value, size: readonly [number, number]): Value {
  const starts = size.map((extent, axis) => Math.floor(((x.shape![axis + 2] as number) - extent) / 2));
  const ends = size.map((extent, axis) => starts[axis]! + extent);
  return op.slice(g, x, [2, 3], starts, ends);
}

export const resizers: LayerRules = {
  CenterCrop: centerCrop,
  RandomCrop: randomCrop,
  Resizing: (call) => resize(call, [call.settings.whole("height"), call.settings.whole("width")]),
  UpSampling1D: upSampling(1),
  UpSampling2D: upSampling(2),
  UpSampling3D: upSampling(3),
};
