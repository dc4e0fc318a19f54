import { UserError } from "../base/errors.ts";
import type { Value } from "../graph/graph.ts";
import { imagenetClasses } from "./imagenet.ts";
import type { InputSpec, Network } from "./model.ts";
import { NetworkBuilder } from "./network.ts";
import { type PresetName, presets } from "./preprocessing.ts";
import { type TaskName, taskOf } from "./tasks/index.ts";

/** A network that can be built by name. */
export interface Architecture {
  /** As on the command line, such as `resnet50`. */
  readonly name: string;
  /** As people write it, such as "ResNet-50". */
  readonly title: string;
  /** Where it comes from. */
  readonly paper: string;
  /** Side of the picture that it was made for, in pixels. */
  readonly size: number;
  /** What the names of its classifier's weights begin with; all others are the backbone's. */
  readonly head: string;
  /** Undefined where nobody published any that fit. */
  readonly weights?: PublishedWeights;
  /** Layers and initial weights; weights are drawn when somebody asks for them. */
  build(options?: ArchitectureOptions): Network;
}

export interface ArchitectureOptions {
  /** ImageNet's unless given. */
  readonly classes?: readonly string[];
  /** Side of the picture in pixels, the architecture's own unless given. */
  readonly size?: number;
  /** Of the initial weights. */
  readonly seed?: number;
}

/** Weights trained on ImageNet, as torchvision publishes them. */
export interface PublishedWeights {
  /** The eight digits before its ending are the first of its SHA-256. */
  readonly file: string;
  /** In MiB. */
  readonly size: number;
  /** How many of ImageNet's validation pictures they get right, in percent: torchvision's own count, of the middle crop. */
  readonly top1: number;
}

interface Definition extends Omit<Architecture, "build"> {
  /** The smallest picture that its poolings leave anything of. */
  readonly smallest: number;
  readonly preprocessing: PresetName;
  readonly filter?: NonNullable<InputSpec["filter"]>;
  /** Side to which photos are scaled before the middle is cut out of them. */
  readonly scaled: number;
  /** Writes the layers from the picture to as many scores. */
  layers(network: NetworkBuilder, x: Value, scores: number): Value;
}

/** An architecture from its definition: what all of them do alike. */
export function architecture(definition: Definition): Architecture {
  const { smallest, preprocessing, filter, scaled, layers, ...facts } = definition;
  const build = ({
    classes = imagenetClasses,
    size = facts.size,
    seed = 0,
  }: ArchitectureOptions = {}): Network => {
    const scores = scoresFor(facts.name, classes);
    if (!(size >= smallest))
      throw new UserError(`${facts.name} takes pictures of ${smallest} pixels or more, not ${size}.`);
    const network = new NetworkBuilder(
      {
        name: "image",
        channels: 3,
        width: size,
        height: size,
        crop: facts.size / scaled,
        ...(filter === undefined ? {} : { filter }),
        preprocessing: presets[preprocessing],
      },
      seed,
    );
    return network.finish(facts.name, layers(network, network.input(), scores), classes);
  };
  return { ...facts, build };
}

/** How many scores a task has for these classes: two that exclude each other share one. @throws UserError for fewer than it needs */
export function scoresFor(name: string, { length }: readonly string[], task?: TaskName): number {
  const { fewest, columns } = taskOf({ task });
  if (length >= fewest) return columns(length);
  throw new UserError(
    fewest === 1
      ? `${name} has nothing to say; name the labels, or the value.`
      : `${name} tells classes apart; name two or more.`,
  );
}
