import type { Augmentation } from "../data/augment.ts";
import { defaultAugmentation } from "../data/augment.ts";
import type { ClassWeights } from "./class-weights.ts";
import type { OptimizerName } from "./optimizers/index.ts";
import type { ScheduleName } from "./schedules/index.ts";

/** Photos in a folder. */
export interface FolderData {
  readonly kind: "folder";
  readonly path: string;
  readonly validationFraction: number;
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

/** Every choice that makes a run what it is; with the same data it gives the same bits. */
export interface RunConfig {
  readonly data: FolderData | BuiltInData;
  readonly architecture: "small-convnet";
  /** Side of the input picture in pixels. */
  readonly size: number;
  readonly filters: readonly number[];
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
  readonly seed: number;
  /** Threads that ONNX Runtime may use; sums are rounded otherwise on another number. */
  readonly threads: number;
}

/** Of the file that keeps a run's configuration; raised when a key comes to mean something else. */
export const configSchema = 1;

/** The notebook's network and its training, but for the schedule: at a constant rate 50 epochs are too few. */
export const defaultConfig: Omit<RunConfig, "data" | "threads"> = {
  architecture: "small-convnet",
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
  seed: 0,
};

/** The same network on fewer, easier pictures, our own: larger steps and milder augmentation settle it in minutes. */
export const demoConfig: Omit<RunConfig, "threads"> & { readonly data: BuiltInData } = {
  ...defaultConfig,
  data: { kind: "built-in", train: 1600, validation: 300, test: 200, shortcut: false },
  epochs: 3,
  learningRate: 5e-4,
  schedule: "constant",
  augmentation: { ...defaultAugmentation, rotation: 10, widthShift: 0.05, heightShift: 0.05, zoom: 0.1 },
};
