import type { Value } from "../../../../graph/graph.ts";
import * as op from "../../../../graph/operators/index.ts";
import type { KerasObject } from "../../saved-model.ts";
import { isFields } from "../../settings.ts";
import { MOST_LAYERS } from "../saved-layers.ts";
import { type LayerCall, type LayerRule, type LayerRules, only } from "./layer.ts";

/** The layer inside of a wrapper. */
function layerInside({ settings, refuse }: LayerCall): KerasObject {
  const layer = settings.of("layer");
  if (!isFields(layer) || typeof layer.class_name !== "string") throw refuse("wraps no layer.");
  return { class_name: layer.class_name, config: layer.config };
}

/** One layer for every step along axis 1, with the same weights. */
const timeDistributed: LayerRule = (call) => {
  const { g, order, refuse } = call;
  const layer = layerInside(call);
  const x = order.keras(only(call));
  if (x.shape!.length < 3)
    throw refuse("is called with a tensor that has no axis of steps beside the batch.");
  const count = x.shape![1] as number;
  if (count > MOST_LAYERS) throw refuse(`is called for ${count} steps; it can be for ${MOST_LAYERS}.`);
  const steps = Array.from({ length: count }, (_, step): Value => {
    const one = op.squeeze(g, op.slice(g, x, [1], [step], [step + 1]), [1]);
    return op.unsqueeze(g, order.keras(call.inner(layer, [order.hold(one)])), [1]);
  });
  return order.hold(op.concat(g, steps, 1));
};

/** Miyato et al. 2018: training divides the kernel itself by its largest singular value, so that it stands here as it is used. */
const spectralNormalization: LayerRule = (call) => {
  const y = call.inner(layerInside(call), [only(call)]);
  call.skipRest();
  return y;
};

export const wrappers: LayerRules = {
  SpectralNormalization: spectralNormalization,
  TimeDistributed: timeDistributed,
};
