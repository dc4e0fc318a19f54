import { nodeEngine } from "../../src/engine/node.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import type { Model } from "../../src/model/model.ts";

/** A network on 20×20 pictures whose features are 4 maps of 3×3, flattened. */
export const small: Model = {
  ...smallConvnet({ classes: ["disc", "square"], size: 20, filters: [3, 4], units: 5 }),
  source: "small",
  engine: nodeEngine({ threads: 2 }),
};

/** The value that comes out of a layer. */
export const valueAfter = ({ layers }: Model, layer = "flatten"): string =>
  layers.find(({ name }) => name === layer)!.output;
