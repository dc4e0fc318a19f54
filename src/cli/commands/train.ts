import type { Command } from "commander";
import { UsageError, UserError } from "../../base/errors.ts";
import { listDataset } from "../../data/listing.ts";
import { nodeEngine } from "../../engine/node.ts";
import { counted } from "../../render/figures/format.ts";
import { classWeightsOf } from "../../train/class-weights.ts";
import type { RunConfig } from "../../train/config.ts";
import { openRun, type Run, readListing, readState, writeConfig } from "../../train/run.node.ts";
import type { TrainingState } from "../../train/state.ts";
import { checkSmoothing } from "../../train/targets.ts";
import { watchedSamples } from "../../train/watched.ts";
import type { CommandSpec } from "../command.ts";
import { findRateWatched } from "../find-rate.ts";
import { gather } from "../material.ts";
import { note, say } from "../output.ts";
import { applyConfigFile, configText } from "../settings.ts";
import { checkTogether, chooseDefaults, configOf } from "../train-config.ts";
import { type TrainOptions, trainOptions } from "../train-options.ts";
import { beginRun, trainWatched } from "../training.ts";

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
    trainOptions(command);
    command.action(async (folder: string | undefined, options: TrainOptions) => {
      if (options.resume !== undefined) return resume(folder, options.resume, options, command);
      if (folder !== undefined) command.setOptionValueWithSource("folder", folder, "cli");
      if (options.config !== undefined) await applyConfigFile(command, options.config);
      chooseDefaults(command);
      const configured = command.opts<TrainOptions>();
      checkTogether(command);
      if (configured.printConfig) say(configText(command).trimEnd());
      else await begin(configured);
    });
  },
};

async function begin(options: TrainOptions): Promise<void> {
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

async function resume(
  folder: string | undefined,
  path: string,
  options: TrainOptions,
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
