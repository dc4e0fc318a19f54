import { sizeOf } from "../../../../base/tensor.ts";
import type { Value } from "../../../../graph/graph.ts";
import * as op from "../../../../graph/operators/index.ts";
import { plain, shown } from "../../settings.ts";
import { formats } from "../order.ts";
import { type LayerCall, type LayerRule, type LayerRules, only } from "./layer.ts";

/** `[N, H, W, C] → [N, H·W·C]`, the channels of a place together, wherever the tensor has them. */
const flatten: LayerRule = (call) => {
  const { g, order, settings } = call;
  const x = only(call);
  const rank = x.shape!.length;
  const first = rank > 2 && settings.choice("data_format", formats, "channels_last") === "channels_first";
  const last = [0, ...Array.from({ length: rank - 2 }, (_, at) => at + 2), 1];
  const y = first ? op.transpose(g, order.keras(x), last) : order.keras(x);
  return op.reshape(g, y, [y.shape![0]!, sizeOf(y.shape!.slice(1) as number[])]);
};

/** The elements in Keras's order under another shape, in which one extent may be −1. */
const reshape: LayerRule = (call) => {
  const { g, order, settings, refuse } = call;
  const x = order.keras(only(call));
  const [n, ...extents] = x.shape!;
  return order.hold(
    op.reshape(g, x, [n!, ...completed(settings.of("target_shape"), extents as number[], refuse)]),
  );
};

/** The shape with its −1 worked out. @throws UserError when it has not as many elements as `from` */
export function completed(shape: unknown, from: readonly number[], refuse: LayerCall["refuse"]): number[] {
  const size = sizeOf(from);
  const extents = [plain(shape)].flat();
  const known = extents.filter((extent) => extent !== -1 && extent !== null);
  const whole = known.every((extent) => Number.isSafeInteger(extent) && (extent as number) > 0);
  const rest = whole ? size / sizeOf(known as number[]) : Number.NaN;
  if (
    !Number.isSafeInteger(rest) ||
    extents.length - known.length > 1 ||
    (extents.length === known.length && rest !== 1)
  )
    throw refuse(`cannot take [${from.join(", ")}] for ${shown(shape)}.`);
  return extents.map((extent) => (known.includes(extent) ? (extent as number) : rest));
}

/** `dims` count the axes after the batch from 1. */
const permute: LayerRule = (call) => {
  const { g, order, settings, refuse } = call;
  const x = order.keras(only(call));
  const rank = x.shape!.length;
  const dims = settings.wholes("dims", rank - 1);
  if (new Set(dims).size !== dims.length || Math.max(...dims) >= rank)
    throw refuse(`has dims [${dims.join(", ")}], which name not each of ${rank - 1} axes once.`);
  return order.hold(op.transpose(g, x, [0, ...dims]));
};

/** `[N, C] → [N, n, C]` */
const repeatVector: LayerRule = (call) => {
  const { g, settings } = call;
  const x = only(call, 2);
  const rows = op.unsqueeze(g, x, [1]);
  return op.expand(g, rows, [1, settings.whole("n"), x.shape![1] as number]);
};

/** The tensor with so many places more at the beginning and end of each axis of places, or fewer. */
function padded(call: LayerCall, rank: number, sign: 1 | -1, setting: string): Value {
  const { g, order, settings, refuse } = call;
  const format = settings.choice("data_format", formats, "channels_last");
  const x = order.channelsFirst(only(call, rank + 2), format);
  const sides = sidesOf(call, rank, setting);
  const left = x
    .shape!.slice(2)
    .map((extent, axis) => (extent as number) + sign * (sides[axis]![0] + sides[axis]![1]));
  if (left.some((extent) => extent < 1))
    throw refuse(`cuts ${x.shape!.slice(2).join("×")} places down to none; give a larger picture.`);
  const pads = [0, 0, ...sides.map(([begin]) => sign * begin), 0, 0, ...sides.map(([, end]) => sign * end)];
  return order.fromChannelsFirst(op.pad(g, x, pads), format);
}

/** Places at both sides of each axis, where one number may stand for both, or for all. */
function sidesOf({ settings, refuse }: LayerCall, rank: number, setting: string): [number, number][] {
  const given = settings.of(setting) ?? 1;
  // Along one axis, a pair is its two sides.
  const list = rank === 1 && Array.isArray(given) && given.length === 2 ? [given] : given;
  const axes = Array.isArray(list) ? list : new Array<unknown>(rank).fill(list);
  const sides = axes.map((axis) => (Array.isArray(axis) ? axis : [axis, axis]));
  const count = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
  if (sides.length !== rank || !sides.every((side) => side.length === 2 && side.every(count)))
    throw refuse(`has ${setting} ${shown(given)}; whole numbers of places along ${rank} axes are needed.`);
  return sides as [number, number][];
}

export const reshapers: LayerRules = {
  Cropping1D: (call) => padded(call, 1, -1, "cropping"),
  Cropping2D: (call) => padded(call, 2, -1, "cropping"),
  Cropping3D: (call) => padded(call, 3, -1, "cropping"),
  Flatten: flatten,
  Permute: permute,
  RepeatVector: repeatVector,
  Reshape: reshape,
  ZeroPadding1D: (call) => padded(call, 1, 1, "padding"),
  ZeroPadding2D: (call) => padded(call, 2, 1, "padding"),
  ZeroPadding3D: (call) => padded(call, 3, 1, "padding"),
};
