import { activationLayers } from "./activation-layers.ts";
import { attentions } from "./attention.ts";
import { convolutions } from "./convolution.ts";
import { coreLayers } from "./core.ts";
import { einsumLayers } from "./einsum-dense.ts";
import type { LayerRules } from "./layer.ts";
import { mergers } from "./merging.ts";
import { normalizations } from "./normalization.ts";
import { pools } from "./pooling.ts";
import { rescalers } from "./rescaling.ts";
import { reshapers } from "./reshaping.ts";
import { resizers } from "./resizing.ts";
import { wrappers } from "./wrappers.ts";

/** How each of Keras's layers becomes nodes, by its class. */
export const layerRules: LayerRules = {
  ...activationLayers,
  ...attentions,
  ...convolutions,
  ...coreLayers,
  ...einsumLayers,
  ...mergers,
  ...normalizations,
  ...pools,
  ...rescalers,
  ...reshapers,
  ...resizers,
  ...wrappers,
};
