import { InvalidArgumentError } from "commander";
import { listNames, UsageError } from "../../base/errors.ts";
import type { Framing } from "../../base/framing.ts";
import { writeFileAtomic } from "../../base/write.node.ts";
import { type Dataset, type SplitName, splitNames } from "../../data/dataset.ts";
import type { Evaluation } from "../../evaluate/evaluate.ts";
import { predictionsCsv } from "../../evaluate/predictions-csv.ts";
import { evaluateTask, type TaskEvaluation } from "../../evaluate/task-evaluation.ts";
import { fitTemperature, withTemperature } from "../../evaluate/temperature.ts";
import type { Model } from "../../model/model.ts";
import { taskOf } from "../../model/tasks/index.ts";
import { counted } from "../../render/figures/format.ts";
import type { CommandSpec } from "../command.ts";
import { chooseSplit, decodeSplit, noteRemarks, openSplits } from "../data.ts";
import type { Scored, Temperature } from "../evaluation.ts";
import { MODEL, type ModelOptions, modelOptions, openGiven } from "../model.ts";
import { lookForNearDuplicates } from "../near-duplicates.ts";
import { note, say, sayJson } from "../output.ts";
import { ProgressLine } from "../progress.ts";
import { textOf } from "../tasks/index.ts";

interface Options extends ModelOptions {
  readonly labels?: string;
  readonly split?: SplitName;
  readonly calibrate?: boolean;
  readonly against?: string;
  readonly csv?: string;
  readonly json?: boolean;
}

export const evaluate: CommandSpec = {
  summary: "score a network on a folder of photos",
  examples: [
    ["convscope evaluate runs/latest photos/", "accuracy, every class, calibration, the worst mistakes"],
    ["convscope evaluate runs/latest photos/ --split test --json", "the test pictures, as JSON"],
    [
      "convscope evaluate runs/latest photos/ --against runs/first",
      "whether it is better than an earlier run",
    ],
  ],
  configure(command) {
    command
      .argument("<model>", MODEL)
      .argument("<folder>", "a folder per class, or train/, validation/ and test/, or Kaggle's cat.0.jpg")
      .option("--labels <file>", "a CSV of what is true of the photos, as train takes it")
      .option(
        "--split <name>",
        `${splitNames.join(", ")}; unless said, validation or test where the folder has one, else all pictures`,
        splitName,
      )
      .option("--calibrate", "fit a temperature on the validation pictures, and say what it mends")
      .option("--against <model>", "another network, opened alike: McNemar's test of which is better")
      .option("--csv <file>", "write what the network says of every picture")
      .option("--json", "one JSON object instead of text")
      .action(async (path: string, folder: string, options: Options) => {
        const { calibrate, against, csv, json } = options;
        const model = await openGiven(path, options);
        checkAsked(model, options);
        const rival = against === undefined ? undefined : await openGiven(against, options);
        const pictures = await openSplits(folder, options.labels, model);
        const split = chooseSplit(pictures, options.split);
        const judged = await judge(model, pictures, split);
        const { evaluation } = judged;
        const fitting = pictures.splits.validation.length > 0 ? "validation" : split;
        const fitted = calibrate && fitting !== split ? await judge(model, pictures, fitting) : judged;
        const other = rival ? await judge(rival, pictures, split) : judged;
        const compared = await compare(judged, pictures, split, model.input);
        noteRemarks(judged, fitted, other, compared);
        const chosen = splitNames.some((name) => name !== split && pictures.splits[name].length > 0);
        const scored: Scored<TaskEvaluation> = {
          pictures: chosen ? `${folder} (${split})` : folder,
          split,
          classes: model.classes,
          evaluation,
          nearDuplicates: compared.nearDuplicates!,
          ...(calibrate ? { temperature: temper(evaluation, fitted.evaluation, fitting) } : {}),
          ...(rival
            ? { against: { model: rival.source, evaluation: classification(other.evaluation) } }
            : {}),
        };
        if (calibrate && fitting === split)
          note(
            "warning: the temperature was fitted on the very pictures that it is judged on, so it seems better than it is; evaluate others, as --split test does where there are some",
          );
        if (csv !== undefined) await writeFileAtomic(csv, predictionsCsv(evaluation, model.classes));
        const text = textOf(model);
        if (json) return sayJson(text.json(scored));
        say(`${scored.pictures}: ${counted(evaluation.n, "picture")}`);
        text.say(scored);
      });
    modelOptions(command);
  },
};

/** @throws UsageError when what is asked for is said of networks that tell classes apart, and this one does not */
function checkAsked(model: Model, { calibrate, against }: Options): void {
  const only = calibrate ? "--calibrate" : against === undefined ? undefined : "--against";
  const { name, summary } = taskOf(model);
  if (only && name !== "single-label")
    throw new UsageError(
      `${only} is for networks that tell classes apart; ${model.source} says of a picture ${summary}.`,
    );
}

/** What was asked for only of such networks has such an evaluation. */
const classification = (evaluation: TaskEvaluation): Evaluation => evaluation as Evaluation;

function splitName(text: string): SplitName {
  const found = splitNames.find((name) => name === text);
  if (!found) throw new InvalidArgumentError(`It takes ${listNames(splitNames)}.`);
  return found;
}

/** What a network makes of one split, what was wrong with its pictures, and what they look like. */
interface Judged extends Pick<Dataset, "remarks" | "fingerprints"> {
  readonly evaluation: TaskEvaluation;
}

async function judge(model: Model, pictures: Dataset, split: SplitName): Promise<Judged> {
  const dataset = await decodeSplit(pictures, split, model);
  const line = new ProgressLine("evaluating", "img");
  const evaluation = await evaluateTask(model, dataset, split, {
    progress: (done, total) => line.update({ done, total }),
  });
  line.clear();
  return { evaluation, remarks: dataset.remarks, fingerprints: dataset.fingerprints! };
}

/** A split's pictures and those of train, with what is nearly the same. */
function compare(
  { fingerprints }: Judged,
  pictures: Dataset,
  split: SplitName,
  framing: Framing,
): Promise<Dataset> {
  const { train, [split]: held } = pictures.splits;
  const splits = { validation: [], test: [], [split]: held, train };
  return lookForNearDuplicates({ ...pictures, fingerprints: fingerprints!, splits }, framing);
}

function temper(evaluation: TaskEvaluation, fitted: TaskEvaluation, split: SplitName): Temperature {
  const temperature = fitTemperature(classification(fitted));
  return {
    ...{ temperature, split, n: fitted.n },
    calibrated: withTemperature(classification(evaluation), temperature),
  };
}
