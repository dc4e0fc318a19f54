import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import { UsageError, UserError } from "../../base/errors.ts";
import { checkAugmentation, noAugmentation } from "../../data/augment.ts";
import { listDataset } from "../../data/listing.ts";
import { nodeEngine } from "../../engine/node.ts";
import { defaultConfig, type RunConfig } from "../../train/config.ts";
import { type OptimizerName, optimizers } from "../../train/optimizers/index.ts";
import { createRun, newRunFolder, openRun, type Run, readListing, readState } from "../../train/run.node.ts";
import type { CommandSpec } from "../command.ts";
import { openData } from "../data.ts";
import { numberIn, positiveInteger, positiveIntegers, wholeNumber } from "../options.ts";
import { note } from "../output.ts";
import { pointLatest, trainWatched } from "../training.ts";

interface Options {
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly optimizer: OptimizerName;
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
  readonly threads: number;
  readonly out?: string;
  readonly runs: string;
  readonly resume?: string;
  readonly json?: boolean;
}

/** What may be said again on a resume; anything else would make it another run. */
const changeable = new Set(["resume", "epochs", "json"]);

export const train: CommandSpec = {
  summary: "train a network on a folder of photos",
  examples: [
    ["convscope train photos/", "a folder per class, or train/ and validation/, or Kaggle's cat.0.jpg"],
    ["convscope train photos/ --epochs 30 --seed 7", "shorter, with another seed"],
    ["convscope train --resume runs/latest", "go on with a run that was stopped"],
  ],
  configure(command) {
    const { augmentation, ...defaults } = defaultConfig;
    command
      .argument("[folder]", "the photos; left out with --resume")
      .option("--epochs <n>", "times to go through the pictures", positiveInteger, defaults.epochs)
      .option("--batch <n>", "pictures in a step", positiveInteger, defaults.batch)
      .option(
        "--learning-rate <x>",
        "size of a step",
        numberIn(0, Number.POSITIVE_INFINITY),
        defaults.learningRate,
      )
      .addOption(
        new Option("--optimizer <name>", "how steps are made")
          .choices(Object.keys(optimizers))
          .default(defaults.optimizer),
      )
      .option(
        "--patience <n>",
        "stop after n epochs in which the validation loss did not fall",
        positiveInteger,
      )
      .option("--seed <n>", "seed of everything random", wholeNumber, defaults.seed)
      .option(
        "--validation-fraction <x>",
        "part held out where the folder has no validation/",
        numberIn(0, 1),
        0.2,
      )
      .option("--size <pixels>", "side of the squashed picture", positiveInteger, defaults.size)
      .option("--filters <list>", "filters of each convolution, by commas", positiveIntegers, [
        ...defaults.filters,
      ])
      .option("--units <n>", "units of the hidden dense layer", positiveInteger, defaults.units)
      .option("--dropout <x>", "part of the features dropped in training", numberIn(0, 1), defaults.dropout)
      .option("--rotation <degrees>", "augmentation: largest rotation", Number, augmentation.rotation)
      .option(
        "--width-shift <x>",
        "augmentation: largest shift, as part of the width",
        Number,
        augmentation.widthShift,
      )
      .option(
        "--height-shift <x>",
        "augmentation: largest shift, as part of the height",
        Number,
        augmentation.heightShift,
      )
      .option("--shear <degrees>", "augmentation: largest shear", Number, augmentation.shear)
      .option("--zoom <x>", "augmentation: largest change of scale", Number, augmentation.zoom)
      .option("--no-flip", "augmentation: do not mirror pictures")
      .option("--no-augment", "leave pictures as they are")
      .option("--threads <n>", "threads for ONNX Runtime", positiveInteger, availableParallelism())
      .option("--out <folder>", "the run folder to make")
      .option("--runs <folder>", "where run folders are made", "runs")
      .option("--resume <run>", "go on with a run, to the same result as if it had never stopped")
      .option("--json", "one JSON object an epoch, then one for the result")
      .action((folder: string | undefined, options: Options) =>
        options.resume === undefined
          ? begin(folder, options)
          : resume(folder, options.resume, options, command),
      );
  },
};

async function begin(folder: string | undefined, options: Options): Promise<void> {
  if (folder === undefined)
    throw new UsageError("Which photos? Give a folder, or --resume RUN to go on with a run.");
  const config = configOf(folder, options);
  const engine = nodeEngine(config);
  const dataset = await openData(config, { width: config.size, height: config.size });
  const run = await createRun(
    options.out ?? newRunFolder(options.runs, config),
    config,
    dataset,
    engine.description,
  );
  if (options.out === undefined) await pointLatest(run);
  await trainWatched(run, dataset, engine, { json: options.json ?? false });
}

function configOf(path: string, options: Options): RunConfig {
  const { epochs, batch, learningRate, optimizer, patience, seed, validationFraction } = options;
  const { size, filters, units, dropout, threads } = options;
  const { rotation, widthShift, heightShift, shear, zoom, flip } = options;
  const augmentation = options.augment
    ? { rotation, widthShift, heightShift, shear, zoom, horizontalFlip: flip }
    : noAugmentation;
  checkAugmentation(augmentation);
  return {
    data: { kind: "folder", path, validationFraction },
    architecture: defaultConfig.architecture,
    ...{ size, filters, units, dropout, optimizer, learningRate, epochs, batch, augmentation, seed, threads },
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
  const epochs = command.getOptionValueSource("epochs") === "cli" ? options.epochs : opened.config.epochs;
  const run: Run = { ...opened, config: { ...opened.config, epochs } };
  const { config } = run;
  const dataset = await openData(config, { width: config.size, height: config.size });
  if ((await listDataset(dataset)).hash !== (await readListing(run)).hash)
    throw new UserError(
      `The pictures in ${dataset.source} are not those that ${path} was begun with (see its data.json); put them back, or start a new run.`,
    );
  note(`going on in epoch ${state.epoch + 1}, after ${state.step} steps`);
  await trainWatched(run, dataset, nodeEngine(config), { state, json: options.json ?? false });
}
