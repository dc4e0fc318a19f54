import { UserError } from "../base/errors.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Engine } from "../engine/engine.ts";
import { computeFeatures, featureSize } from "../features/compute.ts";
import { featureKey } from "../features/key.ts";
import { openFeatureStore } from "../features/store.node.ts";
import type { Model } from "../model/model.ts";
import { preparation } from "../model/preprocessing.ts";
import type { Transfer } from "../model/transfer.ts";
import { counted } from "../render/figures/format.ts";
import {
  type BackboneChoice,
  backboneHash,
  checkBackbone,
  openBackbone,
  withHead,
} from "../train/backbone.node.ts";
import type { BackboneConfig, RunConfig } from "../train/config.ts";
import { isPlain } from "../train/feed.ts";
import { checkFineTuning, type Material, networkOf } from "../train/train-run.node.ts";
import { Interrupted } from "./command.ts";
import { decodeData, noteRemarks, openData } from "./data.ts";
import { interruption } from "./interruption.ts";
import { lookForNearDuplicates } from "./near-duplicates.ts";
import { note } from "./output.ts";
import { ProgressLine } from "./progress.ts";

/** A run's settings before its backbone was opened. */
export interface Draft extends Omit<RunConfig, "backbone"> {
  readonly backbone: BackboneChoice | null;
}

/** All that a run needs but its folder. */
export interface Gathered {
  readonly config: RunConfig;
  readonly material: Material;
}

/**
 * Opens what a run is made from: its backbone, if it has one, and its pictures, decoded, or where the head alone is trained on pictures
 * that stay as they are, the features of them. What is wrong with the pictures is said.
 * @param check what to look at before the long work
 * @throws UserError when they do not fit each other, or are no longer those that the run was begun with
 */
export async function gather(
  draft: Draft | RunConfig,
  engine: Engine,
  check: (dataset: Dataset, config: RunConfig) => Promise<void> | void = () => {},
): Promise<Gathered> {
  const backbone = draft.backbone ? await openBackbone(draft.backbone, draft.size, engine) : undefined;
  const pictures = await openData(draft);
  const config = { ...draft, backbone: backbone ? await settled(draft, backbone, pictures) : null };
  const built = networkOf(config, pictures, backbone);
  await check(pictures, config);
  const { network, transfer } = built;
  if (backbone && transfer) {
    sayBackbone(backbone, transfer);
    checkFineTuning(config, { ...built, dataset: pictures }, engine);
  }
  const plain = isPlain(config.augmentation) && config.mixup === 0;
  const known: Pick<Material, "dataset" | "features"> =
    backbone && transfer && plain
      ? await featuresOf(pictures, backbone, transfer, config.backbone!)
      : { dataset: pictures };
  // Fine-tuning looks at the pictures themselves.
  const looks = !known.features || config.backbone!.unfreeze.length > 0;
  const decoded = looks ? await decodeData(known.dataset, config, network.input) : known.dataset;
  if (config.data.kind === "built-in") return { config, material: { ...built, ...known, dataset: decoded } };
  const dataset = await lookForNearDuplicates(decoded, network.input);
  noteRemarks(dataset);
  return { config, material: { ...built, ...known, dataset } };
}

/** The backbone's settings with what was found out of it; of a run's own, whether they still hold. */
async function settled(
  { backbone: choice, ...config }: Draft | RunConfig,
  backbone: Model,
  pictures: Dataset,
): Promise<BackboneConfig> {
  const built = withHead(backbone, choice!, config, pictures);
  if ("hash" in choice!) {
    await checkBackbone(built, choice as BackboneConfig);
    return choice as BackboneConfig;
  }
  return { ...choice!, hash: await backboneHash(built), cut: built.cut.name };
}

function sayBackbone({ source, input }: Model, { network, cut, head }: Transfer): void {
  const size = featureSize(network, head.input.name);
  note(`${source} up to "${cut.name}": ${counted(size, "feature")} of each picture`);
  note(`pictures: ${preparation(input)}`);
}

/** The features of all pictures, from the cache as far as it has them. */
async function featuresOf(
  pictures: Dataset,
  backbone: Model,
  { network, head }: Transfer,
  { hash }: BackboneConfig,
): Promise<Required<Pick<Material, "dataset" | "features">>> {
  const { source, engine } = backbone;
  const value = head.input.name;
  const store = openFeatureStore({ key: await featureKey(hash, engine), size: featureSize(network, value) });
  const stopping = interruption("Stopping after these pictures; what is computed is kept");
  const line = new ProgressLine("computing features", "img");
  let missing = 0;
  try {
    const { dataset, features, cached } = await computeFeatures({
      ...{ model: { ...network, source, engine }, value, dataset: pictures, store },
      signal: stopping.signal,
      progress: (done, total) => {
        missing = total;
        if (total > 0) line.update({ done, total });
      },
    });
    line.clear();
    const computed = missing > 0 ? `${counted(missing, "picture")} computed` : "none computed";
    note(`features: ${counted(cached, "picture")} from the cache, ${computed}`);
    noteRemarks(store);
    return { dataset, features };
  } catch (error) {
    line.clear();
    if (error !== stopping.signal.reason || error instanceof UserError) throw error;
    note("Stopped; the same command goes on from here.");
    throw new Interrupted();
  } finally {
    stopping.release();
  }
}
