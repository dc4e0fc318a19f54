import { float32, int64 } from "../base/tensor.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import { staticShape, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { gate, number, scale } from "./pointwise.ts";

/** What a point of a grid is mixed from along one axis, K places for each of P points. */
export interface Neighbours {
  /** Their indices `[N, K, P]` (int64), all within the axis. */
  readonly index: Value;
  /** What each weighs `[N, K, P]`; 0 for one in padding by zeros. */
  readonly weight: Value;
  /** How its weight changes with the grid's number. */
  readonly slope: Value;
}

/** The first neighbour, counted from the whole number at or below a point, and each one's weight as a polynomial of the rest. */
interface Kernel {
  readonly first: number;
  readonly polynomials: readonly (readonly number[])[];
}

const LINEAR: Kernel = {
  first: 0,
  polynomials: [
    [1, -1],
    [0, 1],
  ],
};

/** Keys 1981 with a = −0.75, the only one that GridSample has. */
const CUBIC: Kernel = {
  first: -1,
  polynomials: [
    [0, -0.75, 1.5, -0.75],
    [1, 0, -2.25, 1.25],
    [0, 0.75, 1.5, -1.25],
    [0, 0, -0.75, 0.75],
  ],
};

/** By GridSample's `mode`; the names changed with operator set 20. Undefined is the nearest place. */
const kernels: Readonly<Record<string, Kernel | undefined>> = {
  linear: LINEAR,
  bilinear: LINEAR,
  cubic: CUBIC,
  bicubic: CUBIC,
};

export interface Sampling {
  readonly mode: string;
  /** `zeros`, `border` or `reflection`. */
  readonly padding: string;
  readonly alignCorners: boolean;
}

/** The neighbours of `points` `[N, 1, P]`, given as −1…1 along an axis of `extent`. */
export function neighbours(
  g: GraphBuilder,
  points: Value,
  extent: number,
  { mode, padding, alignCorners }: Sampling,
): Neighbours {
  const shifted = op.add(g, points, number(g, 1));
  // −1 and 1 are the centres of the outermost places, or their outer edges.
  const place = alignCorners
    ? op.mul(g, scale(g, shifted, 0.5), number(g, extent - 1))
    : scale(g, op.sub(g, scale(g, shifted, extent), number(g, 1)), 0.5);
  const kernel = kernels[mode];
  const whole = kernel ? op.floor(g, place) : op.round(g, place);
  const { first, polynomials } = kernel ?? { first: 0, polynomials: [[1]] };
  const near = op.add(
    g,
    whole,
    column(
      g,
      polynomials.map((_, at) => first + at),
    ),
  );

  const rest = op.sub(g, place, whole);
  const spread = [...staticShape(near)];
  const weigh = (terms: readonly (readonly number[])[]): Value =>
    op.expand(g, polynomial(g, terms, rest), spread);
  const weight = weigh(polynomials);
  const speed = (alignCorners ? extent - 1 : extent) / 2;
  const slope = weigh(polynomials.map((terms) => derivative(terms).map((factor) => factor * speed)));
  const last = number(g, extent - 1);
  const within = (values: Value): Value => op.cast(g, op.clip(g, values, number(g, 0), last), "int64");
  if (padding === "reflection")
    return { index: within(reflected(g, near, extent, alignCorners)), weight, slope };
  if (padding === "border") return { index: within(near), weight, slope };
  const inside = op.and(g, op.greaterOrEqual(g, near, number(g, 0)), op.lessOrEqual(g, near, last));
  return { index: within(near), weight: gate(g, weight, inside), slope: gate(g, slope, inside) };
}

/** Places outside mirrored at the centres of the outermost ones, or at their outer edges, as often as it takes. */
function reflected(g: GraphBuilder, places: Value, extent: number, alignCorners: boolean): Value {
  const [low, range] = alignCorners ? [0, extent - 1] : [-0.5, extent];
  if (range === 0) return places;
  const distance = op.abs(g, op.sub(g, places, number(g, low)));
  const folded = op.sub(g, op.mod(g, distance, number(g, 2 * range)), number(g, range));
  return op.sub(g, number(g, low + range), op.abs(g, folded));
}

const column = (g: GraphBuilder, values: readonly number[]): Value =>
  g.constant(float32([values.length, 1], values));

/** Each polynomial (coefficients from the constant one on) at `x` `[N, 1, P]`, by Horner's scheme. */
function polynomial(g: GraphBuilder, rows: readonly (readonly number[])[], x: Value): Value {
  const degree = rows[0]!.length - 1;
  const coefficients = (power: number): Value =>
    column(
      g,
      rows.map((terms) => terms[power]!),
    );
  let sum = coefficients(degree);
  for (let power = degree - 1; power >= 0; power--) sum = op.add(g, op.mul(g, sum, x), coefficients(power));
  return sum;
}

const derivative = (terms: readonly number[]): number[] =>
  terms.length > 1 ? terms.slice(1).map((factor, at) => factor * (at + 1)) : [0];

/** Every pairing of `a` `[N, K, P]` with `b` `[N, L, P]`: `[N, K·L, P]`. */
function paired(g: GraphBuilder, a: Value, b: Value, combine: (a: Value, b: Value) => Value): Value {
  const [n, k, p] = staticShape(a) as [number, number, number];
  const l = staticShape(b)[1]!;
  return op.reshape(g, combine(op.reshape(g, a, [n, k, 1, p]), op.reshape(g, b, [n, 1, l, p])), [
    n,
    k * l,
    p,
  ]);
}

/** The products of weights along all axes, `[N, K, P]`. */
export const products = (g: GraphBuilder, weights: readonly Value[]): Value =>
  weights.reduce((all, next) => paired(g, all, next, (a, b) => op.mul(g, a, b)));

/** The indices along all axes as one that counts through them, `[N, K, P]`. */
export const flatIndex = (g: GraphBuilder, indices: readonly Value[], extents: readonly number[]): Value =>
  indices.reduce((all, next, axis) =>
    paired(g, all, next, (a, b) => op.add(g, op.mul(g, a, g.constant(int64([], [extents[axis]!]))), b)),
  );
