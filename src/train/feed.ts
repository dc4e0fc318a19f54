import { random } from "../base/random.ts";
import { sizeOf, type Tensor, zeros } from "../base/tensor.ts";
import { type Augmentation, drawTransforms, noAugmentation } from "../data/augment.ts";
import type { Dataset, Sample } from "../data/dataset.ts";
import { type Batch, loadPictures } from "../data/loader.ts";
import { warp } from "../data/warp.ts";
import { type Features, stackFeatures } from "../features/features.ts";
import type { Graph } from "../graph/graph.ts";
import { precededBy } from "../graph/preceded.ts";
import type { InputSpec } from "../model/model.ts";
import { preprocessingOf } from "../model/preprocessing.ts";
import { preprocessed } from "../model/preprocessing-graph.ts";
import { mixImages } from "./mixup.ts";
import type { DropoutMask } from "./step.ts";

/** Where in training a batch is; with the seed it fixes every random number of its step. */
export interface StepKey {
  readonly seed: number;
  readonly epoch: number;
  readonly step: number;
}

/** What a training step is fed with. */
export interface Feed {
  load(samples: readonly Sample[]): Promise<Tensor>;
  /** The step's graph with what is loaded in the place of the network's input. */
  taken(graph: Graph, batch: number): Graph;
  /** What that graph takes for a batch. */
  feeds(batch: Batch, key: StepKey): Record<string, Tensor>;
}

/** Names of the inputs that take the place of the network's own. */
const PICTURES = "pictures";
const TRANSFORMS = "transforms";

/**
 * Pictures: `[N, H, W, 3]` uint8, made what the network takes, warped if there is augmentation, and mixed with each other if that is asked
 * for. In the step's own graph, because a second one has threads of its own, which wait busily and take a third of the step's time away.
 * @throws UserError when the network does not say how pictures become its input
 */
export function pictureFeed(
  input: InputSpec,
  dataset: Dataset,
  augmentation: Augmentation,
  mixed: boolean,
): Feed {
  const { name, width, height } = input;
  const preprocessing = preprocessingOf(input);
  const plain = isPlain(augmentation);
  return {
    load: (samples) => loadPictures(dataset, samples, input),
    taken: (graph, batch) =>
      precededBy(graph, name, (g) => {
        const loaded = g.input(PICTURES, "uint8", [batch, height, width, 3]);
        const pictures = preprocessed(g, loaded, preprocessing);
        const images = plain
          ? pictures
          : warp(g, pictures, g.input(TRANSFORMS, "float32", [batch, 3, 2]), { width, height });
        return mixed ? mixImages(g, images, batch) : images;
      }),
    feeds({ inputs, samples }, { seed, epoch, step }) {
      if (plain) return { [PICTURES]: inputs };
      const source = random(seed, "augmentation", epoch, step);
      return {
        [PICTURES]: inputs,
        [TRANSFORMS]: drawTransforms(source, augmentation, input, samples.length),
      };
    },
  };
}

/** Features that were computed before, for a network that takes these. */
export function featureFeed({ name }: InputSpec, features: Features): Feed {
  return {
    load: async (samples) => stackFeatures(features, samples),
    taken: (graph) => graph,
    feeds: ({ inputs }) => ({ [name]: inputs }),
  };
}

/** Whether pictures stay as they are. */
export function isPlain(augmentation: Augmentation): boolean {
  const names = Object.keys(noAugmentation) as (keyof Augmentation)[];
  return names.every((name) => augmentation[name] === noAugmentation[name]);
}

/** A step's dropout mask: 0 with probability `rate`, else `1 / (1 − rate)` so that the mean stays. */
export function drawMask(
  { name, shape, rate }: DropoutMask,
  { seed, epoch, step }: StepKey,
): Tensor<"float32"> {
  const source = random(seed, "dropout", name, epoch, step);
  const mask = zeros("float32", shape);
  const kept = 1 / (1 - rate);
  for (let i = 0; i < sizeOf(shape); i++) mask.data[i] = source.next() < rate ? 0 : kept;
  return mask;
}
