import type { GraphMethod, Options } from "../../method.ts";

/** The layer's activation as it is: what the methods at a layer weigh. */
export const layerActivation: GraphMethod<Options<never>> = {
  name: "layer-activation",
  title: "Layer activation",
  summary: "what the layer sees in the picture, whatever the target",
  formula: "raw = A",
  paper: "none: the activation itself",
  limits: "It does not depend on the target: it shows what is there, not what counts.",
  cost: "1 forward",
  at: "layer",
  sign: "signed",
  options: {},
  write: ({ g, layer }) => g.value(layer.output),
};
