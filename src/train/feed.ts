import type { Size } from "../base/picture.ts";
import { random } from "../base/random.ts";
import { sizeOf, type Tensor, zeros } from "../base/tensor.ts";
import { type Augmentation, drawTransforms, noAugmentation } from "../data/augment.ts";
import type { Batch } from "../data/loader.ts";
import { warp } from "../data/warp.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import type { InputSpec } from "../model/model.ts";
import { mixImages } from "./mixup.ts";
import type { DropoutMask } from "./step.ts";

/** Where in training a batch is; with the seed it fixes every random number of its step. */
export interface StepKey {
  readonly seed: number;
  readonly epoch: number;
  readonly step: number;
}

/** Names of the inputs that take the place of the network's own. */
const PICTURES = "pictures";
const TRANSFORMS = "transforms";

/**
 * The step's graph with the way from pictures to the network's input in front of it: `[N, H, W, 3]` uint8 to RGB in [0, 1],
 * `[N, 3, H, W]`, warped if there is augmentation, and mixed with each other if that is asked for. In the same graph, because a second one has threads of its own, which
 * wait busily and take a third of the step's time away.
 */
export function takingPictures(
  graph: Graph,
  { name, width, height }: InputSpec,
  batch: number,
  augmentation: Augmentation,
  mixed: boolean,
): Graph {
  const others = new Map(graph.values);
  others.delete(name);
  const inputs = graph.inputs.filter((value) => value.name !== name);
  const g = new GraphBuilder({ ...graph, inputs, nodes: [], values: others });
  const pictures = preprocessed(g, g.input(PICTURES, "uint8", [batch, height, width, 3]), preprocessing);
  const images = isPlain(augmentation)
    ? pictures
    : warp(g, pictures, g.input(TRANSFORMS, "float32", [batch, 3, 2]), { width, height });
  g.rename(mixed ? mixImages(g, images, batch) : images, name);
  for (const node of graph.nodes) g.append(node);
  return g.finish(graph.name, Object.fromEntries(graph.outputs.map((value) => [value.name, value])));
}

/** What `takingPictures` takes for a batch. */
export function pictureFeeds(
  { images, samples }: Batch,
  size: Size,
  augmentation: Augmentation,
  { seed, epoch, step }: StepKey,
): Record<string, Tensor> {
  if (isPlain(augmentation)) return { [PICTURES]: images };
  const source = random(seed, "augmentation", epoch, step);
  return { [PICTURES]: images, [TRANSFORMS]: drawTransforms(source, augmentation, size, samples.length) };
}

function isPlain(augmentation: Augmentation): boolean {
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
