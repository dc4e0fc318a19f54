import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import { type Filter, filters as resizeFilters } from "../base/resize-picture.ts";
import { type PresetName, presets } from "../model/preprocessing.ts";
import { type TaskName, tasks } from "../model/tasks/index.ts";
import { type Pooling, poolings } from "../model/transfer.ts";
import type { ClassWeights } from "../train/class-weights.ts";
import { backboneDefaults, defaultConfig } from "../train/config.ts";
import { type OptimizerName, optimizers } from "../train/optimizers/index.ts";
import { type ScheduleName, schedules } from "../train/schedules/index.ts";
import type { Watching } from "../train/watched.ts";
import { MODEL } from "./model.ts";
import {
  classWeights,
  degrees,
  fraction,
  nonNegative,
  part,
  positiveInteger,
  positiveIntegers,
  positiveNumber,
  watching,
  wholeNumber,
  words,
} from "./options.ts";

/** What `train` can be told. */
export interface TrainOptions {
  readonly folder?: string;
  readonly labels?: string;
  readonly task?: TaskName;
  readonly target?: string;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly schedule: ScheduleName;
  readonly warmUp: number;
  readonly optimizer: OptimizerName;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay?: number;
  readonly clipNorm?: number;
  readonly labelSmoothing: number;
  readonly classWeights?: ClassWeights;
  readonly patience?: number;
  readonly seed: number;
  readonly validationFraction: number;
  readonly backbone?: string;
  readonly cut?: string;
  readonly pooling: Pooling;
  readonly unfreeze: string[];
  readonly fineTuneEpochs: number;
  readonly fineTuneRate: number;
  readonly updateStatistics: boolean;
  readonly preprocess?: PresetName;
  readonly crop?: number;
  readonly filter?: Filter;
  readonly size?: number;
  readonly filters: number[];
  readonly units: number;
  readonly dropout: number;
  readonly rotation: number;
  readonly widthShift: number;
  readonly heightShift: number;
  readonly shear: number;
  readonly zoom: number;
  readonly flip: boolean;
  readonly augment: boolean;
  readonly mixup: number;
  readonly threads: number;
  readonly watch: Watching;
  readonly out?: string;
  readonly runs: string;
  readonly resume?: string;
  readonly config?: string;
  readonly printConfig?: boolean;
  readonly findRate?: boolean;
  readonly json?: boolean;
}

/** Adds all of it to the command. */
export function trainOptions(command: Command): void {
  const { augmentation, ...defaults } = defaultConfig;
  const { filters } = defaults;
  command
    .argument("[folder]", "the photos; left out with --resume")
    .optionsGroup("Labels, where the photos' folders or names are none:")
    .option(
      "--labels <file>",
      "a CSV: photos by their path in the folder, then a column of 0 and 1 for each label, or one of labels",
    )
    .addOption(
      new Option(
        "--task <name>",
        `what to learn, where the columns do not show it: ${Object.values(tasks)
          .map(({ name, summary }) => `${name}, ${summary}`)
          .join("; ")}`,
      ).choices(Object.keys(tasks)),
    )
    .option("--target <column>", "the column that says it; of numbers unless --task says otherwise")
    .optionsGroup("Training:")
    .option("--epochs <n>", "times to go through the pictures", positiveInteger, defaults.epochs)
    .option("--batch <n>", "pictures in a step", positiveInteger, defaults.batch)
    .option("--learning-rate <x>", "size of a step", positiveNumber, defaults.learningRate)
    .addOption(
      new Option(
        "--schedule <name>",
        `how the learning rate changes: ${Object.values(schedules)
          .map(({ name, summary }) => `${name}, ${summary}`)
          .join("; ")}`,
      )
        .choices(Object.keys(schedules))
        .default(defaults.schedule),
    )
    .option(
      "--warm-up <epochs>",
      "epochs in which the rate rises evenly to that",
      wholeNumber,
      defaults.warmUp,
    )
    .addOption(
      new Option("--optimizer <name>", "how steps are made")
        .choices(Object.keys(optimizers))
        .default(defaults.optimizer),
    )
    .option("--momentum <x>", "part of its last move that sgd keeps", fraction, defaults.momentum)
    .option("--nesterov", "let sgd look ahead along its momentum", defaults.nesterov)
    .option(
      "--weight-decay <x>",
      "part of the weights, times the learning rate, that a step takes off them (0.004 with adamw)",
      nonNegative,
    )
    .option("--clip-norm <x>", "scale the gradient down where it is longer than this", positiveNumber)
    .option(
      "--label-smoothing <x>",
      "part of a label's certainty that is shared out among all classes",
      fraction,
      defaults.labelSmoothing,
    )
    .option(
      "--class-weights <weights>",
      "balanced, so that rare classes count as much as common ones, or cat=2,dog=0.5",
      classWeights,
    )
    .option(
      "--patience <n>",
      "stop after n epochs in which the validation loss did not fall",
      positiveInteger,
    )
    .option(
      "--validation-fraction <x>",
      "part of each class held out where the folder has no validation/",
      fraction,
      0.2,
    )
    .option("--seed <n>", "seed of everything random", wholeNumber, defaults.seed)
    .option("--threads <n>", "threads for ONNX Runtime", positiveInteger, availableParallelism())
    .optionsGroup("Network:")
    .option(
      "--size <pixels>",
      `side of the picture that the network takes; ${defaults.size}, or what the backbone says, unless given`,
      positiveInteger,
    )
    .addOption(
      new Option("--filters <list>", "filters of each convolution, set apart by commas")
        .argParser(positiveIntegers)
        .default(filters, filters.join()),
    )
    .option("--units <n>", "units of the hidden dense layer; 0 for none", wholeNumber, defaults.units)
    .option("--dropout <x>", "part of the features dropped in training", fraction, defaults.dropout)
    .optionsGroup(
      `Transfer learning; unless given, --units is then ${backboneDefaults.units}, --optimizer ${backboneDefaults.optimizer}, --learning-rate ${backboneDefaults.learningRate}, --schedule ${backboneDefaults.schedule}, --epochs ${backboneDefaults.epochs}, and there is no augmentation:`,
    )
    .option("--backbone <model>", `a trained network to put a new head on: ${MODEL}`)
    .option("--cut <layer>", "its last layer that is kept; the last with places unless given")
    .addOption(
      new Option("--pooling <name>", "how its maps become features: the mean of each, or all their places")
        .choices(poolings)
        .default(backboneDefaults.pooling),
    )
    .addOption(
      new Option(
        "--unfreeze <layers>",
        "layers to train too when the head has settled, set apart by commas: names, modules or globs such as 'block5*'",
      )
        .argParser(words)
        .default([], "none"),
    )
    .option(
      "--fine-tune-epochs <n>",
      "epochs with those layers",
      positiveInteger,
      backboneDefaults.fineTuneEpochs,
    )
    .option("--fine-tune-rate <x>", "learning rate in them", positiveNumber, backboneDefaults.fineTuneRate)
    .option(
      "--update-statistics",
      "let batch normalizations in those layers measure these pictures; they stay as they are unless said",
      false,
    )
    .addOption(
      new Option("--preprocess <name>", "how pixels become numbers, where the backbone does not say").choices(
        Object.keys(presets),
      ),
    )
    .option("--crop <part>", "keep the aspect and this part of the shorter side, where it does not say", part)
    .addOption(new Option("--filter <name>", "how pictures are resized, likewise").choices(resizeFilters))
    .optionsGroup("Augmentation, at random for each picture:")
    .option("--rotation <degrees>", "largest rotation", degrees(180), augmentation.rotation)
    .option("--width-shift <x>", "largest shift, as part of the width", fraction, augmentation.widthShift)
    .option("--height-shift <x>", "largest shift, as part of the height", fraction, augmentation.heightShift)
    .option("--shear <degrees>", "largest shear", degrees(89), augmentation.shear)
    .option("--zoom <x>", "largest change of scale", fraction, augmentation.zoom)
    .option("--no-flip", "do not mirror pictures")
    .option(
      "--mixup <alpha>",
      "mix each picture and its label with another's, by shares from Beta(alpha, alpha); 0.2 is usual",
      nonNegative,
      defaults.mixup,
    )
    .option("--augment", "change pictures, also with a backbone")
    .option("--no-augment", "leave pictures as they are")
    .optionsGroup("Run:")
    .option("--runs <folder>", "where run folders are made", "runs")
    .option("--out <folder>", "the run folder to make, under any name")
    .option(
      "--watch <pictures>",
      "validation pictures to explain after every epoch, or names of pictures set apart by commas; 0 for none",
      watching,
      defaults.watch,
    )
    .option("--resume <run>", "go on with a run, to the same result as if it had never stopped")
    .option(
      "--find-rate",
      "instead of training, try rising learning rates, draw the loss over them, and suggest one",
    )
    .option("--json", "one JSON object an epoch, then one for the result")
    .optionsGroup("Configuration:")
    .option("--config <file>", "options from YAML or JSON, or a run's config.json; those given here win")
    .option("--print-config", "instead of training, print all options as YAML for --config");
}
