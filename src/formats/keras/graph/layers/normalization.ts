import { float32, scalar, sizeOf } from "../../../../base/tensor.ts";
import type { GraphBuilder } from "../../../../graph/builder.ts";
import type { Value } from "../../../../graph/graph.ts";
import * as op from "../../../../graph/operators/index.ts";
import { along, axesOf, axisOf, type LayerCall, type LayerRule, type LayerRules, only } from "./layer.ts";

/** With the mean and variance of training, along one axis. */
const batchNormalization: LayerRule = (call) => {
  const { g, order, settings, refuse } = call;
  const x = only(call);
  const rank = x.shape!.length;
  const axes = axesOf(settings.of("axis") ?? -1, rank, refuse);
  if (axes.length !== 1) throw refuse(`normalizes along ${axes.length} axes; it can along one.`);
  const axis = order.axis(axes[0]!, rank);
  const extent = x.shape![axis] as number;
  const vector = (role: string): Value => call.weight(role, [extent]);
  const filled = (value: number): Value =>
    g.constant(float32([extent], new Float32Array(extent).fill(value)));
  const scale = settings.flag("scale", true) ? vector("gamma") : filled(1);
  const bias = settings.flag("center", true) ? vector("beta") : filled(0);
  const [mean, variance] = [
    call.statistic("moving_mean", [extent]),
    call.statistic("moving_variance", [extent]),
  ];
  // Batch renormalization keeps what it corrects its batches by.
  if (settings.flag("renorm", false)) call.skipRest();
  const epsilon = settings.number("epsilon", 1e-3);
  return withAxisFirst(g, x, axis, (y) =>
    op.batchNormalization(g, y, { scale, bias, mean, variance }, epsilon),
  );
};

/** What `write` makes of the tensor with `axis` as its axis 1, for operators that know no other. */
function withAxisFirst(g: GraphBuilder, x: Value, axis: number, write: (x: Value) => Value): Value {
  if (axis === 1) return write(x);
  const swap = x.shape!.map((_, at) => (at === 1 ? axis : at === axis ? 1 : at));
  return op.transpose(g, write(op.transpose(g, x, swap)), swap);
}

/** `(x − mean) / √(variance + epsilon)` over `axes` as they are held. */
function standardized(g: GraphBuilder, x: Value, axes: readonly number[], epsilon: number): Value {
  const centred = op.sub(g, x, op.reduceMean(g, x, axes, true));
  return overRoot(g, centred, meanSquare(g, centred, axes), epsilon);
}

const meanSquare = (g: GraphBuilder, x: Value, axes: readonly number[]): Value =>
  op.reduceMean(g, op.mul(g, x, x), axes, true);

const overRoot = (g: GraphBuilder, x: Value, square: Value, epsilon: number): Value =>
  op.div(g, x, op.sqrt(g, op.add(g, square, g.constant(scalar(epsilon)))));

/** Scaled and shifted along Keras's `axes` by the weights that a layer has for it. */
function affine(
  { g, order, weight }: LayerCall,
  x: Value,
  axes: readonly number[],
  { scale, shift }: { readonly scale: string | false; readonly shift: string | false },
): Value {
  const shape = axes.map((axis) => order.shape(x)[axis] as number);
  const vector = (role: string): Value => weight(role, shape, along(order, x.shape!.length, axes, shape));
  const scaled = scale ? op.mul(g, x, vector(scale)) : x;
  return shift ? op.add(g, scaled, vector(shift)) : scaled;
}

/** The layer's tensor and axes, in Keras's order and as they are held. */
function normalizedAxes(call: LayerCall): { x: Value; axes: number[]; held: number[] } {
  const { order, settings, refuse } = call;
  const x = only(call);
  const rank = x.shape!.length;
  const axes = axesOf(settings.of("axis") ?? -1, rank, refuse).sort((a, b) => a - b);
  return { x, axes, held: axes.map((axis) => order.axis(axis, rank)) };
}

const layerNormalization: LayerRule = (call) => {
  const { g, settings } = call;
  const { x, axes, held } = normalizedAxes(call);
  const epsilon = settings.number("epsilon", 1e-3);
  if (settings.flag("rms_scaling", false)) {
    // Keras divides by the deviation here, though it does not centre.
    const variance = meanSquare(g, op.sub(g, x, op.reduceMean(g, x, held, true)), held);
    return affine(call, overRoot(g, x, variance, epsilon), axes, { scale: "gamma", shift: false });
  }
  return affine(call, standardized(g, x, held, epsilon), axes, {
    scale: settings.flag("scale", true) && "gamma",
    shift: settings.flag("center", true) && "beta",
  });
};

const rootMeanSquareNormalization: LayerRule = (call) => {
  const { g, settings } = call;
  const { x, axes, held } = normalizedAxes(call);
  const y = overRoot(g, x, meanSquare(g, x, held), settings.number("epsilon", 1e-6));
  return affine(call, y, axes, { scale: "scale", shift: false });
};

/** Over the places and channels of each group of neighbouring channels. */
const groupNormalization: LayerRule = (call) => {
  const { g, order, settings, refuse } = call;
  const x = only(call);
  const rank = x.shape!.length;
  const axis = axisOf(settings.of("axis") ?? -1, rank, refuse);
  const channels = order.shape(x)[axis] as number;
  const asked = settings.whole("groups", 32, -1);
  const groups = asked === -1 ? channels : asked;
  if (groups < 1 || channels % groups !== 0)
    throw refuse(`has ${groups} groups, into which ${channels} channels cannot be parted evenly.`);
  const y = withAxisFirst(g, x, order.axis(axis, rank), (first) => {
    const size = sizeOf(first.shape!.slice(1) as number[]) / groups;
    const parts = op.reshape(g, first, [first.shape![0]!, groups, size]);
    return op.reshape(g, standardized(g, parts, [2], settings.number("epsilon", 1e-3)), first.shape!);
  });
  return affine(call, y, [axis], {
    scale: settings.flag("scale", true) && "gamma",
    shift: settings.flag("center", true) && "beta",
  });
};

/** `x` with length 1 along axes as they are held; what is shorter than the least is divided by that. */
export function unitLength(g: GraphBuilder, x: Value, axes: readonly number[], least: number): Value {
  return op.div(g, x, op.max(g, op.reduceL2(g, x, axes, true), g.constant(scalar(least))));
}

const unitNormalization: LayerRule = (call) => {
  const { x, held } = normalizedAxes(call);
  return unitLength(call.g, x, held, call.dialect === "Keras 3" ? 1e-12 : 1e-6);
};

/** ConvNeXt's: one factor a channel. */
const layerScale: LayerRule = (call) => {
  const x = only(call);
  return affine(call, x, [x.shape!.length - 1], { scale: "gamma", shift: false });
};

export const normalizations: LayerRules = {
  BatchNormalization: batchNormalization,
  BatchNormalizationV1: batchNormalization,
  BatchNormalizationV2: batchNormalization,
  GroupNormalization: groupNormalization,
  LayerNormalization: layerNormalization,
  LayerScale: layerScale,
  RMSNormalization: rootMeanSquareNormalization,
  SyncBatchNormalization: batchNormalization,
  UnitNormalization: unitNormalization,
};
