import type { GraphBuilder } from "../../graph/builder.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { type AxisMap, alongAxis, axisMap, transposed } from "../axis-map.ts";
import { zeros } from "../broadcast.ts";
import { constantInput } from "../constants.ts";
import { attribute, type Rule, type RuleContext, type Ruleset } from "../rule.ts";

/** Where a place before or after an axis of `extent` is read from. */
const mirrors: Readonly<Record<string, (place: number, extent: number) => number>> = {
  edge: (place, extent) => Math.min(Math.max(place, 0), extent - 1),
  reflect: (place, extent) => {
    const period = Math.max(1, 2 * (extent - 1));
    const folded = ((place % period) + period) % period;
    return Math.min(folded, period - folded);
  },
  wrap: (place, extent) => ((place % extent) + extent) % extent,
};

/** How much each axis grows at its beginning and its end; below 0 it is cropped. */
function growth(context: RuleContext): [begins: number[], ends: number[]] {
  const rank = staticShape(context.inputs[0]!).length;
  const pads = constantInput(context, 1)!;
  const axes = op.positiveAxes(
    constantInput(context, 3) ?? Array.from({ length: rank }, (_, axis) => axis),
    rank,
  );
  const side = (offset: number): number[] => {
    const grown = new Array<number>(rank).fill(0);
    for (const [at, axis] of axes.entries()) grown[axis] = pads[offset + at]!;
    return grown;
  };
  return [side(0), side(axes.length)];
}

/** Crops what was padded; in the mirrored modes what was copied adds up where it came from. */
const pad: Rule = (context) => {
  const { g, node, inputs, gradients, needs } = context;
  const dy = gradients[0]!;
  const shape = staticShape(inputs[0]!);
  const [begins, ends] = growth(context);
  const mirror = mirrors[attribute(node, "mode", "constant")];
  if (mirror)
    return [
      shape.reduce(
        (part, extent, axis) => unmirrored(g, part, axis, extent, [begins[axis]!, ends[axis]!], mirror),
        dy,
      ),
    ];
  const grown = [...begins, ...ends];
  // Ones where the number that fills is seen.
  const byFilling = (): Value => {
    const filled = op.pad(g, zeros(g, shape), grown, 1);
    const all = shape.map((_, axis) => axis);
    return op.reshape(g, op.reduceSum(g, op.mul(g, dy, filled), all), staticShape(inputs[2]!));
  };
  const back = grown.map((extra) => -extra);
  return [needs[0] ? op.pad(g, dy, back) : undefined, undefined, needs[2] ? byFilling() : undefined];
};

/**
 * The adjoint of padding one axis by what lies in it. Only the rows at either end that were copied are mixed, by a small
 * matrix; those between pass as they are.
 */
function unmirrored(
  g: GraphBuilder,
  dy: Value,
  axis: number,
  extent: number,
  [begin, end]: readonly [number, number],
  mirror: (place: number, extent: number) => number,
): Value {
  const [before, after] = [Math.max(0, begin), Math.max(0, end)];
  // What is cropped is cropped first.
  const [lost, cut] = [Math.max(0, -begin), Math.max(0, -end)];
  const inner = extent - lost - cut;
  const source = (output: number): number => mirror(output - before, inner);
  const copied = Array.from({ length: before + after }, (_, at) => source(at < before ? at : at + inner));
  const low = Math.max(0, ...copied.filter((place) => 2 * place < inner).map((place) => place + 1));
  const high = Math.min(inner, ...copied.filter((place) => 2 * place >= inner));
  const middle = high - low;

  const [left, passed, right] = parts(g, dy, axis, [before + low, middle, inner - high + after]);
  const outer = [left, right].filter((part) => part !== undefined);
  const none = staticShape(dy).map(() => 0);
  const crop = [...none.with(axis, lost), ...none.with(axis, cut)];
  const uncropped = (x: Value): Value => (lost || cut ? op.pad(g, x, crop) : x);
  if (outer.length === 0) return uncropped(dy);
  const map: AxisMap = axisMap(before + inner + after - middle, inner - middle, (at) => {
    const place = source(at < before + low ? at : at + middle);
    return [[place < low ? place : place - middle, 1]];
  });
  const mixed = alongAxis(g, op.concat(g, outer, axis), axis, transposed(map));
  const [first, last] = parts(g, mixed, axis, [low, inner - high]);
  const whole = [first, passed, last].filter((part) => part !== undefined);
  return uncropped(op.concat(g, whole, axis));
}

/** The parts of `x` of these extents along `axis`; undefined for one of extent 0. */
function parts(g: GraphBuilder, x: Value, axis: number, extents: readonly number[]): (Value | undefined)[] {
  const present = extents.filter((extent) => extent > 0);
  const made = present.length > 1 ? op.split(g, x, present, axis) : [x];
  return extents.map((extent) => (extent > 0 ? made.shift() : undefined));
}

export const padding: Ruleset = { Pad: pad };
