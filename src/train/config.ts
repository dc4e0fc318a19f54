import type { Filter } from "../base/resize-picture.ts";
import type { Augmentation } from "../data/augment.ts";
import { defaultAugmentation } from "../data/augment.ts";
import type { PresetName } from "../model/preprocessing.ts";
import type { TaskName } from "../model/tasks/index.ts";
import type { Pooling } from "../model/transfer.ts";
import type { ClassWeights } from "./class-weights.ts";
import type { OptimizerName } from "./optimizers/index.ts";
import type { ScheduleName } from "./schedules/index.ts";
import type { Watching } from "./watched.ts";

/** Photos in a folder. */
export interface FolderData {
  readonly kind: "folder";
  readonly path: string;
  readonly validationFraction: number;
  /** A table of their labels; without it their folders or names say their class. */
  readonly labels?: string;
  /** What is to be learnt, and the column that says it, where that was asked for. */
  readonly task?: TaskName;
  readonly target?: string;
}

/** Pictures that we draw: how many in each split. */
export interface BuiltInData {
  readonly kind: "built-in";
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  /** Plant a mark in the corner of one class. */
  readonly shortcut: boolean;
}

/** A trained network under a new head. */
export interface BackboneConfig {
  /** As it was given: a file, a run folder, or an architecture's name. */
  readonly model: string;
  /** SHA-256 of what it makes of a picture: of its part up to the cut, and of how pictures are prepared. */
  readonly hash: string;
  /** Name of its last layer that is kept. */
  readonly cut: string;
  readonly pooling: Pooling;
  /** What was said for a model from elsewhere; null where it says it itself. */
  readonly preprocess: PresetName | null;
  readonly crop: number | null;
  readonly filter: Filter | null;
  /** Which of its layers are trained too when the head has settled: names, modules, types or globs; none leaves it as it is. */
  readonly unfreeze: readonly string[];
  readonly fineTuneEpochs: number;
  readonly fineTuneRate: number;
  /** Whether batch normalizations in them go on measuring. */
  readonly updateStatistics: boolean;
}

/** Every choice that makes a run what it is; with the same data it gives the same bits. */
export interface RunConfig {
  readonly data: FolderData | BuiltInData;
  /** What to call the network: `small-convnet`, or its backbone's name. */
  readonly architecture: string;
  /** Null for a network that is trained from nothing. */
  readonly backbone: BackboneConfig | null;
  /** Side of the input picture in pixels; with a backbone null where that says it itself. */
  readonly size: number | null;
  /** Of the small convnet. */
  readonly filters: readonly number[];
  /** Of the hidden dense layer; 0 leaves it out, with a backbone. */
  readonly units: number;
  readonly dropout: number;
  readonly optimizer: OptimizerName;
  /** Of the optimizer sgd. */
  readonly momentum: number;
  readonly nesterov: boolean;
  /** The optimizer's own where it is null. */
  readonly weightDecay: number | null;
  readonly clipNorm: number | null;
  readonly learningRate: number;
  readonly schedule: ScheduleName;
  /** Epochs in which the rate rises to where the schedule begins. */
  readonly warmUp: number;
  /** Part of a label's certainty that is shared out among all classes. */
  readonly labelSmoothing: number;
  readonly classWeights: ClassWeights | null;
  readonly epochs: number;
  readonly batch: number;
  readonly augmentation: Augmentation;
  /** α of the shares by which pictures are mixed; 0 mixes none. */
  readonly mixup: number;
  readonly patience: number | null;
  /** Pictures that are explained after every epoch; 0 for none. */
  readonly watch: Watching;
  readonly seed: number;
  /** Threads that ONNX Runtime may use; sums are rounded otherwise on another number. */
  readonly threads: number;
}

/** Of the file that keeps a run's configuration; raised when a key comes to mean something else. */
export const configSchema = 1;

/** The notebook's network and its training, but for the schedule: at a constant rate 50 epochs are too few. */
export const defaultConfig: Omit<RunConfig, "data" | "threads"> & { readonly size: number } = {
  architecture: "small-convnet",
  backbone: null,
  size: 150,
  filters: [32, 64, 128, 128],
  units: 512,
  dropout: 0.5,
  optimizer: "rmsprop",
  momentum: 0,
  nesterov: false,
  weightDecay: null,
  clipNorm: null,
  learningRate: 1e-4,
  schedule: "one-cycle",
  warmUp: 0,
  labelSmoothing: 0,
  classWeights: null,
  epochs: 50,
  batch: 20,
  augmentation: defaultAugmentation,
  mixup: 0,
  patience: null,
  watch: 4,
  seed: 0,
};

/**
 * What is otherwise with a backbone: its features are good from the start, and computed once if pictures stay as they are, so that a plain
 * head settles in seconds at a rate that would be too high for a network from nothing.
 */
export const backboneDefaults = {
  pooling: "average",
  units: 0,
  optimizer: "adam",
  learningRate: 1e-3,
  schedule: "cosine",
  epochs: 20,
  augment: false,
  fineTuneEpochs: 5,
  fineTuneRate: 1e-5,
} as const;

/** The same network on fewer, easier pictures, our own: larger steps and milder augmentation settle it in minutes. */
export const demoConfig: Omit<RunConfig, "threads"> & { readonly data: BuiltInData } = {
  ...defaultConfig,
  data: { kind: "built-in", train: 1600, validation: 300, test: 200, shortcut: false },
  epochs: 3,
  learningRate: 5e-4,
  schedule: "constant",
  augmentation: { ...defaultAugmentation, rotation: 10, widthShift: 0.05, heightShift: 0.05, zoom: 0.1 },
};
