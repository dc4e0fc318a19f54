import { float32 } from "../../../src/base/tensor.ts";
import { float, int, ints, string } from "../../../src/graph/graph.ts";
import { operator } from "../finite-differences.ts";
import { type Cases, type DrawCase, whole } from "./draws.ts";

/** By sizes or scales, of all axes or of some; kernels wider than the input, and scales that are not its exact ratio. */
const resize: DrawCase = (d) => {
  const mode = d.pick(["nearest", "linear", "cubic"]);
  const rank = mode === "cubic" ? 4 : d.pick([3, 4, 4, 4, 5]);
  const smooth = mode !== "nearest";
  const antialias = smooth && rank === 4 && d.flag();
  const shape = [...d.shape(2, 1, 2), ...d.shape(rank - 2, 1, 6)];
  const some = d.flag();
  const axes = shape.map((_, axis) => axis).slice(some ? 2 : 0);
  const sizes = axes.map((axis) => (axis < 2 ? shape[axis]! : d.integer(1, 9)));
  const scales = axes.map((axis) => (axis < 2 ? 1 : d.pick([0.5, 0.7, 1, 1.5, 2, 3])));
  // A scale must leave at least one element.
  const usable = axes.every((axis, at) => Math.floor(shape[axis]! * scales[at]!) > 0);
  const byScale = usable && d.flag();
  // With one ratio for all axes, too, each must keep an element.
  const least = Math.min(...axes.map((axis, at) => sizes[at]! / shape[axis]!));
  const shared = some && !byScale && axes.every((axis) => least * shape[axis]! > 0.5);
  const policy = shared ? d.pick(["stretch", "not_larger", "not_smaller"]) : "stretch";
  const coordinates = d.pick([
    "half_pixel",
    "pytorch_half_pixel",
    "half_pixel_symmetric",
    "align_corners",
    "asymmetric",
    "tf_crop_and_resize",
  ]);
  const region = [-0.2, 0.6].flatMap((low) =>
    axes.map((axis) => (axis < 2 ? Number(low > 0) : d.values([], { low, high: low + 0.5 }).data[0]!)),
  );
  return operator("Resize", [d.values(shape)], {
    opset: 19,
    constants: {
      1: coordinates === "tf_crop_and_resize" ? float32([region.length], region) : null,
      2: byScale ? float32([axes.length], scales) : null,
      ...(byScale ? {} : { 3: whole(sizes) }),
    },
    attributes: {
      mode: string(mode),
      coordinate_transformation_mode: string(coordinates),
      ...(coordinates === "tf_crop_and_resize" && d.flag() ? { extrapolation_value: float(1.5) } : {}),
      // Axes from the end leave ONNX Runtime's policy without an axis.
      ...(some
        ? { axes: ints(policy !== "stretch" || d.flag() ? axes : axes.map((axis) => axis - rank)) }
        : {}),
      ...(policy === "stretch" ? {} : { keep_aspect_ratio_policy: string(policy) }),
      ...(smooth
        ? {}
        : { nearest_mode: string(d.pick(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])) }),
      ...(antialias ? { antialias: int(1) } : {}),
      ...((mode === "cubic" || antialias) && d.flag() ? { exclude_outside: int(1) } : {}),
      ...(mode === "cubic" && d.flag() ? { cubic_coeff_a: float(-0.5) } : {}),
    },
  });
};

/** Points within and up to three places outside, between places (or, for the nearest, close to them). */
const gridSample: DrawCase = (d) => {
  const opset = d.pick([18, 20]);
  const spatial = d.pick([2, 2, 2, 3]);
  const kinds = opset < 20 ? ["bilinear", "nearest", "bicubic"] : ["linear", "nearest", "cubic"];
  const mode = d.pick(spatial === 2 ? kinds : kinds.slice(0, 2));
  const alignCorners = d.flag();
  const extents = d.shape(spatial, 2, 4);
  const [batch, channels] = d.shape(2, 1, 2) as [number, number];
  // Several points: the rounding of one, which cubic weights magnify, must not be all there is to see.
  const outer = [batch, ...d.shape(spatial, 2, 3)];
  const count = outer.reduce((product, extent) => product * extent, 1);
  const [low, high] = mode === "nearest" ? [-0.2, 0.2] : [0.3, 0.7];
  const numbers = Array.from({ length: count }, () =>
    extents.toReversed().map((extent) => {
      const place = d.integer(-3, extent + 2) + d.values([], { low, high }).data[0]!;
      return alignCorners ? (2 * place) / (extent - 1) - 1 : (2 * place + 1) / extent - 1;
    }),
  );
  return operator(
    "GridSample",
    [d.values([batch, channels, ...extents]), float32([...outer, spatial], numbers.flat())],
    {
      opset,
      attributes: {
        mode: string(mode),
        ...(d.flag() ? { padding_mode: string(d.pick(["zeros", "border", "reflection"])) } : {}),
        ...(alignCorners ? { align_corners: int(1) } : {}),
      },
    },
  );
};

export const samplingCases: Cases = { GridSample: gridSample, Resize: resize };
