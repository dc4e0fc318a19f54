import { float32, scalar, sizeOf } from "../../../../base/tensor.ts";
import type { Value } from "../../../../graph/graph.ts";
import * as op from "../../../../graph/operators/index.ts";
import { plain, shown } from "../../settings.ts";
import { along, axesOf, type LayerCall, type LayerRule, type LayerRules, only } from "./layer.ts";

/** A setting's numbers, one for all or one a place along Keras's `axes`, as a constant that broadcasts to `x`. */
function numbers(call: LayerCall, x: Value, name: string, axes: readonly number[]): Value {
  const { g, order, settings, refuse } = call;
  const given = [plain(settings.of(name))].flat(Number.POSITIVE_INFINITY);
  const extents = axes.map((axis) => order.shape(x)[axis] as number);
  const shape = given.length === 1 ? axes.map(() => 1) : extents;
  if (!given.every((value) => typeof value === "number") || given.length !== sizeOf(shape))
    throw refuse(
      `has ${name} ${shown(settings.of(name))}; one number is needed, or one for each of ${sizeOf(extents)} places.`,
    );
  return g.constant(float32(along(order, x.shape!.length, axes, shape).shape, given));
}

/** `x · scale + offset` */
const rescaling: LayerRule = (call) => {
  const { g, settings } = call;
  const x = only(call);
  const last = [x.shape!.length - 1];
  const scaled = settings.of("scale") === undefined ? x : op.mul(g, x, numbers(call, x, "scale", last));
  return settings.of("offset") === undefined ? scaled : op.add(g, scaled, numbers(call, x, "offset", last));
};

/** `(x − mean) / √variance` along the axes that it keeps, or back; both are settings, or were learnt from data. */
const normalization: LayerRule = (call) => {
  const { g, order, settings, refuse, statistic } = call;
  const x = only(call);
  const rank = x.shape!.length;
  // To Keras, none are kept where the setting is null.
  const axes = axesOf(settings.of("axis") ?? [], rank, refuse).sort((a, b) => a - b);
  const shape = axes.map((axis) => order.shape(x)[axis] as number);
  const learnt = (role: string): Value => statistic(role, shape, along(order, rank, axes, shape));
  const given = settings.of("mean") !== undefined;
  const mean = given ? numbers(call, x, "mean", axes) : learnt("mean");
  const variance = given ? numbers(call, x, "variance", axes) : learnt("variance");
  // How many pictures they were learnt from.
  if (!given) statistic("count", []);
  const deviation = op.max(g, op.sqrt(g, variance), g.constant(scalar(1e-7)));
  return settings.flag("invert", false)
    ? op.add(g, op.mul(g, x, deviation), mean)
    : op.div(g, op.sub(g, x, mean), deviation);
};

export const rescalers: LayerRules = {
  Normalization: normalization,
  Rescaling: rescaling,
};
