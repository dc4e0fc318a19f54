import type { Dataset } from "../../src/data/dataset.ts";
import { openFolder } from "../../src/data/folder.node.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { featureSize } from "../../src/features/compute.ts";
import { featureKey } from "../../src/features/key.ts";
import { openFeatureStore } from "../../src/features/store.node.ts";
import type { FeatureStore } from "../../src/features/store.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import type { Model } from "../../src/model/model.ts";
import { byClass, writePhotos } from "../cli/photos.ts";
import { temporaryFolder } from "../data/files.ts";

/** A network on 20×20 pictures whose features are 4 maps of 3×3, flattened. */
export const small = (seed = 0): Model => ({
  ...smallConvnet({ classes: ["disc", "square"], size: 20, filters: [3, 4], units: 5, seed }),
  source: "small",
  engine: nodeEngine({ threads: 2 }),
});

/** The layer's value. */
export const featuresOf = ({ layers }: Model, layer = "flatten"): string =>
  layers.find(({ name }) => name === layer)!.output;

export const storeOf = async (
  model: Model,
  folder: string,
  value = featuresOf(model),
): Promise<FeatureStore> =>
  openFeatureStore({ folder, key: await featureKey(model, value), size: featureSize(model, value) });

/** 50 photos of two classes in train, 12 in validation. */
export async function photos(): Promise<Dataset> {
  const folder = await writePhotos(temporaryFolder(), [
    ...byClass(25, undefined, "train/"),
    ...byClass(6, undefined, "validation/"),
  ]);
  return openFolder(folder);
}
