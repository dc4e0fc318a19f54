import { InvalidArgumentError } from "commander";
import { listNames } from "../../base/errors.ts";
import { type SplitName, splitNames } from "../../data/dataset.ts";
import { type Evaluation, evaluate as evaluateSplit, worstMistakes } from "../../evaluate/evaluate.ts";
import { counted, percent } from "../../render/figures/format.ts";
import type { CommandSpec } from "../command.ts";
import { openSplit } from "../data.ts";
import { MODEL, type ModelOptions, modelOptions, openGiven } from "../model.ts";
import { say, sayJson } from "../output.ts";
import { ProgressLine } from "../progress.ts";

interface Options extends ModelOptions {
  readonly split?: SplitName;
  readonly json?: boolean;
}

export const evaluate: CommandSpec = {
  summary: "score a network on a folder of photos",
  examples: [
    ["convscope evaluate runs/latest photos/", "accuracy with its interval, loss, confusion"],
    ["convscope evaluate runs/latest photos/ --split test --json", "the test pictures, as JSON"],
  ],
  configure(command) {
    command
      .argument("<model>", MODEL)
      .argument("<folder>", "a folder per class, or train/, validation/ and test/, or Kaggle's cat.0.jpg")
      .option(
        "--split <name>",
        `${splitNames.join(", ")}; unless said, validation or test where the folder has one, else all pictures`,
        splitName,
      )
      .option("--json", "one JSON object instead of text")
      .action(async (path: string, folder: string, options: Options) => {
        const { split: wanted, json } = options;
        const model = await openGiven(path, options);
        const opened = await openSplit(folder, wanted, model.classes, model.input);
        const { dataset, split } = opened;
        const line = new ProgressLine("evaluating", "img");
        const result = await evaluateSplit(model, dataset, split, {
          progress: (done, total) => line.update({ done, total }),
        });
        line.clear();
        const { n, correct, accuracy, interval, loss, confusion } = result;
        if (json) sayJson({ split, n, correct, accuracy, interval, loss, classes: model.classes, confusion });
        else print(result, opened.chosen ? `${folder} (${split})` : folder, model.classes);
      });
    modelOptions(command);
  },
};

function splitName(text: string): SplitName {
  const found = splitNames.find((name) => name === text);
  if (!found) throw new InvalidArgumentError(`It takes ${listNames(splitNames)}.`);
  return found;
}

function print(result: Evaluation, pictures: string, classes: readonly string[]): void {
  const [low, high] = result.interval;
  say(`${pictures}: ${counted(result.n, "picture")}`);
  say(`accuracy  ${percent(result.accuracy)}  (95% interval ${percent(low)} to ${percent(high)})`);
  say(`loss      ${result.loss.toFixed(4)}`);
  const width = Math.max(...classes.map((name) => name.length), 6);
  say(`\n${"".padEnd(width + 7)}${classes.map((name) => name.padStart(width)).join("  ")}  (predicted)`);
  for (const [label, row] of result.confusion.entries())
    say(
      `really ${classes[label]!.padEnd(width)}${row.map((count) => String(count).padStart(width)).join("  ")}`,
    );
  const worst = worstMistakes(result, 3);
  if (worst.length > 0) say("\nWorst mistakes:");
  for (const { sample, predicted, scores } of worst)
    say(
      `  ${sample.name}: ${classes[predicted]} ${percent(scores[predicted]!.probability)}, really ${classes[sample.label]}`,
    );
}
