import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import { UsageError, UserError } from "../../base/errors.ts";
import { checkAugmentation, noAugmentation } from "../../data/augment.ts";
import { listDataset } from "../../data/listing.ts";
import { nodeEngine } from "../../engine/node.ts";
import { counted } from "../../render/figures/format.ts";
import { type ClassWeights, classWeightsOf } from "../../train/class-weights.ts";
import { defaultConfig, type RunConfig } from "../../train/config.ts";
import { type OptimizerName, optimizers } from "../../train/optimizers/index.ts";
import { openRun, type Run, readListing, readState, writeConfig } from "../../train/run.node.ts";
import { type ScheduleName, schedules } from "../../train/schedules/index.ts";
import { networkOf } from "../../train/train-run.node.ts";
import type { CommandSpec } from "../command.ts";
import { openData } from "../data.ts";
import { findRateWatched } from "../find-rate.ts";
import {
  classWeights,
  degrees,
  fraction,
  nonNegative,
  positiveInteger,
  positiveIntegers,
  positiveNumber,
  wholeNumber,
} from "../options.ts";
import { note, say } from "../output.ts";
import { applyConfigFile, configText } from "../settings.ts";
import { beginRun, trainWatched } from "../training.ts";

interface Options {
  readonly folder?: string;
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
  readonly size: number;
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
  readonly out?: string;
  readonly runs: string;
  readonly resume?: string;
  readonly config?: string;
  readonly printConfig?: boolean;
  readonly findRate?: boolean;
  readonly json?: boolean;
}

/** What may be said again on a resume; anything else would make it another run. */
const changeable = new Set(["resume", "epochs", "json"]);

export const train: CommandSpec = {
  summary: "train a network on a folder of photos",
  examples: [
    ["convscope train photos/", "a folder per class, or train/ and validation/, or Kaggle's cat.0.jpg"],
    ["convscope train photos/ --epochs 30 --seed 7", "shorter, with another seed"],
    ["convscope train photos/ --find-rate", "which learning rate to train with"],
    ["convscope train --resume runs/latest", "go on with a run that was stopped"],
    ["convscope train --config runs/latest/config.json --seed 1", "the same run with another seed"],
  ],
  configure(command) {
    const { augmentation, ...defaults } = defaultConfig;
    const { filters } = defaults;
    command
      .argument("[folder]", "the photos; left out with --resume")
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
      .option("--size <pixels>", "side that pictures are squashed to", positiveInteger, defaults.size)
      .addOption(
        new Option("--filters <list>", "filters of each convolution, set apart by commas")
          .argParser(positiveIntegers)
          .default(filters, filters.join()),
      )
      .option("--units <n>", "units of the hidden dense layer", positiveInteger, defaults.units)
      .option("--dropout <x>", "part of the features dropped in training", fraction, defaults.dropout)
      .optionsGroup("Augmentation, at random for each picture:")
      .option("--rotation <degrees>", "largest rotation", degrees(180), augmentation.rotation)
      .option("--width-shift <x>", "largest shift, as part of the width", fraction, augmentation.widthShift)
      .option(
        "--height-shift <x>",
        "largest shift, as part of the height",
        fraction,
        augmentation.heightShift,
      )
      .option("--shear <degrees>", "largest shear", degrees(89), augmentation.shear)
      .option("--zoom <x>", "largest change of scale", fraction, augmentation.zoom)
      .option("--no-flip", "do not mirror pictures")
      .option(
        "--mixup <alpha>",
        "mix each picture and its label with another's, by shares from Beta(alpha, alpha); 0.2 is usual",
        nonNegative,
        defaults.mixup,
      )
      .option("--no-augment", "leave pictures as they are")
      .optionsGroup("Run:")
      .option("--runs <folder>", "where run folders are made", "runs")
      .option("--out <folder>", "the run folder to make, under any name")
      .option("--resume <run>", "go on with a run, to the same result as if it had never stopped")
      .option(
        "--find-rate",
        "instead of training, try rising learning rates, draw the loss over them, and suggest one",
      )
      .option("--json", "one JSON object an epoch, then one for the result")
      .optionsGroup("Configuration:")
      .option("--config <file>", "options from YAML or JSON, or a run's config.json; those given here win")
      .option("--print-config", "instead of training, print all options as YAML for --config")
      .action(async (folder: string | undefined, options: Options) => {
        if (options.resume !== undefined) return resume(folder, options.resume, options, command);
        if (folder !== undefined) command.setOptionValueWithSource("folder", folder, "cli");
        if (options.config !== undefined) await applyConfigFile(command, options.config);
        const configured = command.opts<Options>();
        checkTogether(configured);
        if (configured.printConfig) say(configText(command).trimEnd());
        else await begin(configured);
      });
  },
};

async function begin(options: Options): Promise<void> {
  if (options.folder === undefined)
    throw new UsageError("Which photos? Give a folder, or --resume RUN to go on with a run.");
  const config = configOf(options.folder, options);
  const engine = nodeEngine(config);
  const dataset = await openData(config, { width: config.size, height: config.size });
  // What cannot be trained leaves no folder behind.
  networkOf(config, dataset.classes);
  if (config.classWeights) classWeightsOf(dataset, config.classWeights);
  if (options.findRate) {
    await findRateWatched(config, dataset, engine, {
      folder: options.out ?? ".",
      json: options.json ?? false,
    });
    return;
  }
  const run = await beginRun(options, config, dataset, engine);
  await trainWatched(run, dataset, engine, { json: options.json ?? false });
}

/** @throws UsageError when options do not go together */
function checkTogether({ optimizer, momentum, nesterov, warmUp, epochs }: Options): void {
  if ((momentum > 0 || nesterov) && optimizer !== "sgd")
    throw new UsageError(
      `--${momentum > 0 ? "momentum" : "nesterov"} is sgd's; give --optimizer sgd, or leave it out.`,
    );
  if (warmUp >= epochs)
    throw new UsageError(
      `--warm-up ${warmUp} leaves none of the ${counted(epochs, "epoch")}; give fewer, or more --epochs.`,
    );
  if (nesterov && momentum === 0)
    throw new UsageError("--nesterov looks ahead along a momentum; give --momentum 0.9, say.");
}

function configOf(path: string, options: Options): RunConfig {
  const { epochs, batch, learningRate, schedule, optimizer, patience, seed, validationFraction } = options;
  const { momentum, nesterov, weightDecay, clipNorm, warmUp, labelSmoothing } = options;
  const { size, filters, units, dropout, threads } = options;
  const { rotation, widthShift, heightShift, shear, zoom, flip } = options;
  const augmentation = options.augment
    ? { rotation, widthShift, heightShift, shear, zoom, horizontalFlip: flip }
    : noAugmentation;
  checkAugmentation(augmentation);
  return {
    data: { kind: "folder", path, validationFraction },
    architecture: defaultConfig.architecture,
    ...{
      size,
      filters,
      units,
      dropout,
      optimizer,
      momentum,
      nesterov,
      learningRate,
      schedule,
      warmUp,
      labelSmoothing,
      epochs,
      batch,
      augmentation,
      mixup: options.mixup,
      seed,
      threads,
    },
    weightDecay: weightDecay ?? null,
    clipNorm: clipNorm ?? null,
    classWeights: options.classWeights ?? null,
    patience: patience ?? null,
  };
}

async function resume(
  folder: string | undefined,
  path: string,
  options: Options,
  command: Command,
): Promise<void> {
  const said = command.options.find(
    (option) =>
      !changeable.has(option.attributeName()) &&
      command.getOptionValueSource(option.attributeName()) === "cli",
  );
  if (folder !== undefined || said)
    throw new UsageError(
      `${said ? said.long : "A folder"} cannot be given with --resume: a run goes on with its own settings; only --epochs may be raised.`,
    );
  const opened = await openRun(path);
  const state = await readState(opened);
  const raised = command.getOptionValueSource("epochs") === "cli" ? options.epochs : undefined;
  if (raised !== undefined && raised <= state.epoch)
    throw new UsageError(
      `${path} has done ${counted(state.epoch, "epoch")} already; give more than ${raised} to go on.`,
    );
  const run: Run = { ...opened, config: { ...opened.config, ...(raised ? { epochs: raised } : {}) } };
  const { config } = run;
  const dataset = await openData(config, { width: config.size, height: config.size });
  if ((await listDataset(dataset)).hash !== (await readListing(run)).hash)
    throw new UserError(
      `The pictures in ${dataset.source} are not those that ${path} was begun with (see its data.json); put them back, or start a new run.`,
    );
  if (raised) await writeConfig(run);
  if (raised && config.schedule !== "constant")
    note(`the learning rate goes on as in ${config.schedule} over ${counted(raised, "epoch")}`);
  note(
    state.epoch < config.epochs
      ? `going on in epoch ${state.epoch + 1} of ${config.epochs}, after ${counted(state.step, "step")}`
      : `all ${counted(config.epochs, "epoch")} are done; raise --epochs to train longer`,
  );
  await trainWatched(run, dataset, nodeEngine(config), { state, json: options.json ?? false });
}
