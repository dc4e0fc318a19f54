import { availableParallelism } from "node:os";
import { parse } from "node:path";
import { type Command, Option } from "commander";
import { UsageError, UserError } from "../../base/errors.ts";
import { type Filter, filters as resizeFilters } from "../../base/resize-picture.ts";
import { checkAugmentation, noAugmentation } from "../../data/augment.ts";
import { listDataset } from "../../data/listing.ts";
import { nodeEngine } from "../../engine/node.ts";
import { type PresetName, presets } from "../../model/preprocessing.ts";
import { type TaskName, tasks } from "../../model/tasks/index.ts";
import { type Pooling, poolings } from "../../model/transfer.ts";
import { counted } from "../../render/figures/format.ts";
import type { BackboneChoice } from "../../train/backbone.node.ts";
import { type ClassWeights, classWeightsOf } from "../../train/class-weights.ts";
import { backboneDefaults, defaultConfig, type RunConfig } from "../../train/config.ts";
import { type OptimizerName, optimizers } from "../../train/optimizers/index.ts";
import { openRun, type Run, readListing, readState, writeConfig } from "../../train/run.node.ts";
import { type ScheduleName, schedules } from "../../train/schedules/index.ts";
import type { TrainingState } from "../../train/state.ts";
import { checkSmoothing } from "../../train/targets.ts";
import { type Watching, watchedSamples } from "../../train/watched.ts";
import type { CommandSpec } from "../command.ts";
import { findRateWatched } from "../find-rate.ts";
import { type Draft, gather } from "../material.ts";
import { MODEL } from "../model.ts";
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
} from "../options.ts";
import { note, say } from "../output.ts";
import { applyConfigFile, configText } from "../settings.ts";
import { beginRun, trainWatched } from "../training.ts";

interface Options {
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

/** What may be said again on a resume; anything else would make it another run. */
const changeable = new Set(["resume", "epochs", "fineTuneEpochs", "json"]);

export const train: CommandSpec = {
  summary: "train a network on a folder of photos",
  examples: [
    ["convscope train photos/", "a folder per class, or train/ and validation/, or Kaggle's cat.0.jpg"],
    [
      "convscope train photos/ --backbone resnet50",
      "a new head on a trained network: minutes, and far better",
    ],
    [
      "convscope train photos/ --backbone net.onnx --preprocess caffe --unfreeze 'block5*'",
      "then fine-tune some of its layers",
    ],
    ["convscope train photos/ --labels labels.csv", "any number of labels a photo, from a table"],
    ["convscope train photos/ --labels labels.csv --target age", "a number, from a column of it"],
    ["convscope train photos/ --find-rate", "which learning rate to train with"],
    ["convscope train --resume runs/latest", "go on with a run that was stopped"],
    ["convscope train --config runs/latest/config.json --seed 1", "the same run with another seed"],
  ],
  configure(command) {
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
        new Option(
          "--preprocess <name>",
          "how pixels become numbers, where the backbone does not say",
        ).choices(Object.keys(presets)),
      )
      .option(
        "--crop <part>",
        "keep the aspect and this part of the shorter side, where it does not say",
        part,
      )
      .addOption(new Option("--filter <name>", "how pictures are resized, likewise").choices(resizeFilters))
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
      .option("--print-config", "instead of training, print all options as YAML for --config")
      .action(async (folder: string | undefined, options: Options) => {
        if (options.resume !== undefined) return resume(folder, options.resume, options, command);
        if (folder !== undefined) command.setOptionValueWithSource("folder", folder, "cli");
        if (options.config !== undefined) await applyConfigFile(command, options.config);
        chooseDefaults(command);
        const configured = command.opts<Options>();
        checkTogether(command);
        if (configured.printConfig) say(configText(command).trimEnd());
        else await begin(configured);
      });
  },
};

async function begin(options: Options): Promise<void> {
  if (options.folder === undefined)
    throw new UsageError("Which photos? Give a folder, or --resume RUN to go on with a run.");
  const draft = configOf(options.folder, options);
  const engine = nodeEngine(draft);
  // What cannot be trained leaves no folder behind.
  const { config, material } = await gather(draft, engine, (dataset) => {
    if (draft.classWeights) classWeightsOf(dataset, draft.classWeights);
    checkSmoothing(dataset, draft.labelSmoothing);
    watchedSamples(dataset, draft.watch, draft.seed);
  });
  if (options.findRate) {
    await findRateWatched(config, material, engine, {
      folder: options.out ?? ".",
      json: options.json ?? false,
    });
    return;
  }
  const run = await beginRun(options, config, material.dataset, engine);
  await trainWatched(run, material, engine, { json: options.json ?? false });
}

/** Options of augmentation: whoever gives one wants pictures changed. */
const augmenting = ["rotation", "widthShift", "heightShift", "shear", "zoom", "mixup"];

/** With a backbone other settings are good ones. */
function chooseDefaults(command: Command): void {
  const { backbone } = command.opts<Options>();
  const said = (name: string): boolean =>
    ["cli", "config"].includes(command.getOptionValueSource(name) ?? "");
  if (backbone === undefined) {
    if (!said("augment")) command.setOptionValueWithSource("augment", true, "default");
    return;
  }
  const augment = augmenting.some(said);
  for (const [name, value] of Object.entries({ ...backboneDefaults, augment }))
    if (!said(name)) command.setOptionValueWithSource(name, value, "default");
}

/** Options that say something of a backbone. */
const ofBackbone = [
  ...["cut", "pooling", "unfreeze", "fineTuneEpochs", "fineTuneRate", "updateStatistics"],
  ...["preprocess", "crop", "filter"],
];

/** @throws UsageError when options do not go together */
function checkTogether(command: Command): void {
  const { labels, optimizer, momentum, nesterov, warmUp, epochs, units, backbone, unfreeze } =
    command.opts<Options>();
  const said = (names: readonly string[]): string | undefined =>
    command.options.find(
      (option) =>
        names.includes(option.attributeName()) &&
        command.getOptionValueSource(option.attributeName()) === "cli",
    )?.long;
  const alone = said(backbone === undefined ? ofBackbone : ["filters"]);
  if (alone)
    throw new UsageError(
      backbone === undefined
        ? `${alone} is for a backbone; name one (--backbone), or leave it out.`
        : `${alone} is the small convnet's; leave it out with --backbone.`,
    );
  const ofTable = labels === undefined && said(["task", "target"]);
  if (ofTable)
    throw new UsageError(`${ofTable} is for a table of labels; name one (--labels), or leave it out.`);
  const ofUnfrozen = unfreeze.length === 0 && said(["fineTuneEpochs", "fineTuneRate", "updateStatistics"]);
  if (ofUnfrozen)
    throw new UsageError(
      `${ofUnfrozen} is for layers of the backbone; name some (--unfreeze), or leave it out.`,
    );
  if (backbone === undefined && units === 0)
    throw new UsageError("--units 0 is for a head on a --backbone; give a number from 1.");
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

function configOf(path: string, options: Options): Draft {
  const { epochs, batch, learningRate, schedule, optimizer, patience, seed, validationFraction } = options;
  const { momentum, nesterov, weightDecay, clipNorm, warmUp, labelSmoothing } = options;
  const { size, filters, units, dropout, threads, backbone } = options;
  const { rotation, widthShift, heightShift, shear, zoom, flip } = options;
  const augmentation = options.augment
    ? { rotation, widthShift, heightShift, shear, zoom, horizontalFlip: flip }
    : noAugmentation;
  checkAugmentation(augmentation);
  return {
    data: {
      ...{ kind: "folder", path, validationFraction },
      ...(options.labels === undefined ? {} : { labels: options.labels }),
      ...(options.task === undefined ? {} : { task: options.task }),
      ...(options.target === undefined ? {} : { target: options.target }),
    },
    architecture: backbone === undefined ? defaultConfig.architecture : parse(backbone).name,
    backbone: backbone === undefined ? null : choiceOf(backbone, options),
    size: size ?? (backbone === undefined ? defaultConfig.size : null),
    ...{
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
      watch: options.watch,
      seed,
      threads,
    },
    weightDecay: weightDecay ?? null,
    clipNorm: clipNorm ?? null,
    classWeights: options.classWeights ?? null,
    patience: patience ?? null,
  };
}

function choiceOf(model: string, options: Options): BackboneChoice {
  const { cut, pooling, unfreeze, fineTuneEpochs, fineTuneRate, updateStatistics } = options;
  const { preprocess = null, crop = null, filter = null } = options;
  return {
    ...{ model, cut: cut ?? null, pooling, preprocess, crop, filter },
    ...{ unfreeze, fineTuneEpochs, fineTuneRate, updateStatistics },
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
      `${said ? said.long : "A folder"} cannot be given with --resume: a run goes on with its own settings; only --epochs and --fine-tune-epochs may be raised.`,
    );
  const opened = await openRun(path);
  const state = await readState(opened);
  const given = (name: "epochs" | "fineTuneEpochs"): number | undefined =>
    command.getOptionValueSource(name) === "cli" ? options[name] : undefined;
  const asked = { epochs: given("epochs"), fineTuneEpochs: given("fineTuneEpochs") };
  const run: Run = { ...opened, config: raised(opened.config, asked, state, path) };
  const { config } = run;
  const engine = nodeEngine(config);
  const { material } = await gather(config, engine);
  const { dataset } = material;
  if ((await listDataset(dataset)).hash !== (await readListing(run)).hash)
    throw new UserError(
      `The pictures in ${dataset.source} are not those that ${path} was begun with (see its data.json); put them back, or start a new run.`,
    );
  if (config !== opened.config) await writeConfig(run);
  if (config.epochs !== opened.config.epochs && config.schedule !== "constant")
    note(`the learning rate goes on as in ${config.schedule} over ${counted(config.epochs, "epoch")}`);
  const epochs = state.after === undefined ? config.epochs : state.after + config.backbone!.fineTuneEpochs;
  note(
    state.epoch < epochs
      ? `going on in epoch ${state.epoch + 1} of ${epochs}, after ${counted(state.step, "step")}`
      : `all ${counted(epochs, "epoch")} are done; raise ${state.after === undefined ? "--epochs" : "--fine-tune-epochs"} to train longer`,
  );
  await trainWatched(run, material, engine, { state, json: options.json ?? false });
}

/** The run's settings with as many epochs as were asked for. @throws UsageError when they are no more than it has done */
function raised(
  config: RunConfig,
  {
    epochs,
    fineTuneEpochs,
  }: { readonly epochs: number | undefined; readonly fineTuneEpochs: number | undefined },
  { epoch, after }: TrainingState,
  path: string,
): RunConfig {
  const refuse = (done: number, asked: number): never => {
    throw new UsageError(
      `${path} has done ${counted(done, "epoch")} already; give more than ${asked} to go on.`,
    );
  };
  if (epochs !== undefined && after !== undefined)
    throw new UsageError(`${path} is at its fine-tuning; raise --fine-tune-epochs.`);
  if (epochs !== undefined && epochs <= epoch) refuse(epoch, epochs);
  const { backbone } = config;
  if (fineTuneEpochs !== undefined && !backbone?.unfreeze.length)
    throw new UsageError(`${path} fine-tunes no layers; leave --fine-tune-epochs out.`);
  if (fineTuneEpochs !== undefined && after !== undefined && fineTuneEpochs <= epoch - after)
    refuse(epoch - after, fineTuneEpochs);
  if (epochs === undefined && fineTuneEpochs === undefined) return config;
  return {
    ...config,
    epochs: epochs ?? config.epochs,
    backbone: backbone && { ...backbone, fineTuneEpochs: fineTuneEpochs ?? backbone.fineTuneEpochs },
  };
}
