import { parse } from "node:path";
import type { Command } from "commander";
import { UsageError } from "../base/errors.ts";
import { checkAugmentation, noAugmentation } from "../data/augment.ts";
import { counted } from "../render/figures/format.ts";
import type { BackboneChoice } from "../train/backbone.node.ts";
import { backboneDefaults, defaultConfig } from "../train/config.ts";
import type { Draft } from "./material.ts";
import type { TrainOptions } from "./train-options.ts";

/** Options of augmentation: whoever gives one wants pictures changed. */
const augmenting = ["rotation", "widthShift", "heightShift", "shear", "zoom"];

/** With a backbone other settings are good ones. */
export function chooseDefaults(command: Command): void {
  const { backbone } = command.opts<TrainOptions>();
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
export function checkTogether(command: Command): void {
  const { labels, optimizer, momentum, nesterov, warmUp, epochs, units, backbone, unfreeze } =
    command.opts<TrainOptions>();
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

export function configOf(path: string, options: TrainOptions): Draft {
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

function choiceOf(model: string, options: TrainOptions): BackboneChoice {
  const { cut, pooling, unfreeze, fineTuneEpochs, fineTuneRate, updateStatistics } = options;
  const { preprocess = null, crop = null, filter = null } = options;
  return {
    ...{ model, cut: cut ?? null, pooling, preprocess, crop, filter },
    ...{ unfreeze, fineTuneEpochs, fineTuneRate, updateStatistics },
  };
}
