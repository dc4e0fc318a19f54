import type { Framing } from "../base/framing.ts";
import type { Filter } from "../base/resize-picture.ts";
import { scalar, tensor } from "../base/tensor.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";

/** Weights are whole numbers of 2⁻¹⁴, as in `resizePicture`; their sums are exact in float32. */
const ONE = 2 ** 14;

/**
 * A picture of any size, uint8 `[H, W, 3]`, brought to a network's as `framed` does it, to the level: float32
 * `[1, height, width, 3]`. ONNX's Resize rounds neither its weights nor between the two directions; so each direction is a
 * product with a matrix, made from the picture's size in float64 as there.
 */
export function framedLevels(g: GraphBuilder, picture: Value, framing: Framing): Value {
  const { width, height, crop, filter = "linear" } = framing;
  const [fromWidth, fromHeight] = [1, 0].map((axis) =>
    op.cast(g, op.extent(g, picture, axis), "float64"),
  ) as [Value, Value];
  const scale =
    crop === undefined
      ? undefined
      : op.max(
          g,
          op.div(g, double(g, width / crop), fromWidth),
          op.div(g, double(g, height / crop), fromHeight),
        );
  const columns = g.scope("columns", () => weights(g, filter, stretch(g, fromWidth, width, scale)));
  const rows = g.scope("rows", () => weights(g, filter, stretch(g, fromHeight, height, scale)));
  const levels = op.cast(g, op.transpose(g, picture, [2, 1, 0]), "float32");
  const narrowed = rounded(g, op.matMul(g, columns, levels));
  const framed = rounded(g, op.matMul(g, narrowed, op.transpose(g, rows, [1, 0])));
  return op.unsqueeze(g, op.transpose(g, framed, [2, 1, 0]), [0]);
}

/** How one axis of a picture becomes one of the frame; extents in pixels, `[1]`. */
interface Stretch {
  readonly from: Value;
  /** The whole axis after scaling. */
  readonly scaled: Value;
  /** How many of its pixels are kept. */
  readonly kept: number;
  /** The first of them. */
  readonly first: Value;
}

/** @param scale by which all axes are scaled before the middle is cut out; squashed to what is kept if undefined */
function stretch(g: GraphBuilder, from: Value, kept: number, scale: Value | undefined): Stretch {
  if (!scale) return { from, kept, scaled: double(g, kept), first: double(g, 0) };
  const scaled = op.max(g, double(g, kept), nearest(g, op.mul(g, from, scale)));
  const first = nearest(g, op.div(g, op.sub(g, scaled, double(g, kept)), double(g, 2)));
  return { from, kept, scaled, first };
}

/** What each pixel of an axis adds to each that is kept of the new one, `[kept, from]`: `taps` of `resizePicture` as a matrix. */
function weights(g: GraphBuilder, filter: Filter, { from, scaled, kept, first }: Stretch): Value {
  const step = op.div(g, from, scaled);
  const widened = op.max(g, double(g, 1), step);
  const places = Float64Array.from({ length: kept }, (_, at) => at + 0.5);
  const centres = op.mul(g, op.add(g, g.constant(tensor("float64", [kept, 1], places)), first), step);
  const pixels = op.add(g, op.cast(g, op.range(g, op.cast(g, from, "int64")), "float64"), double(g, 0.5));
  const distance = op.div(g, op.abs(g, op.sub(g, pixels, centres)), widened);
  const { reach, weight } = kernels[filter];
  const near = op.less(g, distance, double(g, reach));
  const each = op.where(g, near, weight(g, distance), double(g, 0));
  const total = op.reduceSum(g, each, [1], true);
  return op.cast(g, nearest(g, op.mul(g, op.div(g, each, total), double(g, ONE))), "float32");
}

interface Kernel {
  readonly reach: number;
  weight(g: GraphBuilder, distance: Value): Value;
}

/** Those of `resizePicture`. */
const kernels: Readonly<Record<Filter, Kernel>> = {
  linear: { reach: 1, weight: (g, distance) => op.sub(g, double(g, 1), distance) },
  cubic: {
    reach: 2,
    weight(g, d) {
      const inner = polynomial(g, d, [1.5, -2.5, 0, 1]);
      return op.where(g, op.less(g, d, double(g, 1)), inner, polynomial(g, d, [-0.5, 2.5, -4, 2]));
    },
  },
};

/** By Horner's rule, the highest power first. */
function polynomial(g: GraphBuilder, x: Value, [first, ...others]: readonly number[]): Value {
  return others.reduce(
    (sum, factor) => {
      const product = op.mul(g, sum, x);
      return factor === 0 ? product : op.add(g, product, double(g, factor));
    },
    double(g, first!),
  );
}

/** Sums of weighted levels as levels. */
function rounded(g: GraphBuilder, sums: Value): Value {
  const [half, unit, black, white] = [ONE / 2, 1 / ONE, 0, 255].map((value) => g.constant(scalar(value))) as [
    Value,
    Value,
    Value,
    Value,
  ];
  return op.clip(g, op.floor(g, op.mul(g, op.add(g, sums, half), unit)), black, white);
}

/** The nearest whole number, of two the higher, as `Math.round`; ONNX's Round takes the even one. */
const nearest = (g: GraphBuilder, x: Value): Value => op.floor(g, op.add(g, x, double(g, 0.5)));

const double = (g: GraphBuilder, value: number): Value =>
  g.constant(tensor("float64", [], Float64Array.of(value)));
