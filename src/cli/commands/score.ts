import { UsageError, UserError } from "../../base/errors.ts";
import type { Tensor } from "../../base/tensor.ts";
import { writeFileAtomic } from "../../base/write.node.ts";
import { writeCsv } from "../../data/csv.ts";
import { findMethod } from "../../explain/explain.ts";
import type { Method } from "../../explain/method.ts";
import { methods as everyMethod } from "../../explain/methods/index.ts";
import { type OptionValues, parseOptions } from "../../explain/option.ts";
import type { Model } from "../../model/model.ts";
import { builtInPictures } from "../../quality/built-in.ts";
import { type CompareOptions, compareMethods } from "../../quality/compare.ts";
import type { Metric } from "../../quality/metric.ts";
import { metrics as everyMetric, findMetric } from "../../quality/metrics/index.ts";
import { type PictureScore, summarizeMethod } from "../../quality/summary.ts";
import type { CommandSpec } from "../command.ts";
import { type BoundsOptions, boundsOf, boundsOptions, givenOptions, pair } from "../explaining.ts";
import { eachImage } from "../images.ts";
import { openMasks } from "../masks.ts";
import { MODEL, type ModelOptions, modelOptions, openGiven } from "../model.ts";
import { positiveInteger, words } from "../options.ts";
import { note, say, sayJson } from "../output.ts";
import { ProgressLine } from "../progress.ts";
import { scoreJson, scoreText } from "../scoring.ts";

interface Options extends ModelOptions, BoundsOptions {
  readonly method: readonly string[];
  readonly metric: readonly string[];
  readonly masks?: string;
  readonly pictures: number;
  readonly target?: string;
  readonly layer?: string;
  readonly set: Readonly<Record<string, string>>;
  readonly csv?: string;
  readonly json?: boolean;
}

const ALL = "all";

export const score: CommandSpec = {
  summary: "measure how good explanations are: methods by metrics, against a random map",
  examples: [
    [
      "convscope score runs/latest",
      "Grad-CAM and chance on built-in pictures, whose telling parts are known",
    ],
    [
      "convscope score resnet50.onnx photos/*.jpg --method grad-cam,score-cam,random --metric deletion,insertion,road",
      "some methods by some metrics on your photos",
    ],
    ["convscope score runs/latest photos/*.jpg --method all --masks masks/ --csv scores.csv", "everything"],
  ],
  configure(command) {
    command
      .argument("<model>", MODEL)
      .argument("[images...]", "photos or .npy tensors; built-in pictures with their masks unless given")
      .option("--method <names>", "methods, set apart by commas, or all", words, ["grad-cam", "random"])
      .option("--metric <names>", "metrics, set apart by commas, or all that apply", words, [ALL])
      .option("--masks <folder>", "pictures by the images' names, white where the evidence lies")
      .option("--pictures <n>", "how many built-in pictures", positiveInteger, 20)
      .option("--target <class>", "class to explain: top, a name or an index; top unless said")
      .option("--layer <name>", "layer to explain at, as for explain")
      .option(
        "--set <name.key=value>",
        "an option of a method or metric, such as deletion.steps=20; may be given several times",
        pair,
        {},
      );
    boundsOptions(command);
    command
      .option("--csv <file>", "write the value of every picture, method and metric")
      .option("--json", "one JSON object instead of text")
      .action(async (path: string, images: string[], options: Options) => {
        const plan = await planOf(options);
        if (options.masks !== undefined && images.length === 0)
          throw new UsageError("--masks goes with images; the built-in pictures bring their own.");
        const model = await openGiven(path, options);
        const scored = await scorePictures(model, images, plan, options);
        if (scored.scores.size === 0)
          throw scored.broken ?? new UserError("None of the methods fits the network.");
        const board = {
          pictures: scored.pictures,
          metrics: plan.metrics.map(findMetric),
          methods: [...scored.scores].map(([name, scores]) => ({
            method: findMethod(name),
            ...summarizeMethod(scores),
          })),
        };
        if (options.csv !== undefined) await writeFileAtomic(options.csv, writeCsv(csvRows(scored)));
        if (options.json) sayJson({ model: path, ...scoreJson(board) });
        else say(scoreText(board));
        if (scored.broken) throw scored.broken;
      });
    modelOptions(command);
  },
};

/** What is to be done with each picture. */
interface Plan {
  readonly methods: readonly string[];
  readonly metrics: readonly string[];
  /** Options by the names of methods and metrics. */
  readonly options: Readonly<Record<string, Partial<OptionValues>>>;
}

/** @throws UsageError when there is no such method, metric or option */
async function planOf({ method, metric, set }: Options): Promise<Plan> {
  const named = <T extends { readonly name: string }>(
    names: readonly string[],
    find: (name: string) => T,
    all: readonly T[],
  ) => [...new Set(names.includes(ALL) ? all : names.map(find))].map(({ name }) => name);
  const methods = named(method, findMethod, everyMethod);
  const metrics = named(metric, findMetric, everyMetric);
  const texts = new Map<string, Record<string, string>>();
  for (const [key, value] of Object.entries(set)) {
    const [name, option, ...more] = key.split(".");
    if (!name || !option || more.length > 0)
      throw new UsageError(
        `--set ${key} names no option; it takes NAME.KEY=VALUE, such as deletion.steps=20.`,
      );
    if (![...methods, ...metrics].includes(name))
      throw new UsageError(
        `--set ${key} is for ${name}, which is not asked for; name it (--method, --metric).`,
      );
    texts.set(name, { ...texts.get(name), [option]: value });
  }
  const options: Record<string, Partial<OptionValues>> = {};
  for (const [name, given] of texts)
    options[name] = methods.includes(name)
      ? await givenOptions(name, given)
      : parseOptions(findMetric(name), given);
  return { methods, metrics, options };
}

interface Scores {
  readonly pictures: readonly string[];
  /** One a picture, by the methods that could explain. */
  readonly scores: ReadonlyMap<string, readonly PictureScore[]>;
  /** What kept the rest of the pictures from being scored. */
  readonly broken: unknown;
}

async function scorePictures(
  model: Model,
  images: readonly string[],
  plan: Plan,
  options: Options,
): Promise<Scores> {
  const pictures: string[] = [];
  const scores = new Map<string, PictureScore[]>();
  const total = (images.length || options.pictures) * plan.methods.length * plan.metrics.length;
  const line = new ProgressLine("scoring", "measures");
  const working = new Set(plan.methods);
  let done = 0;

  const scoreOne = async (
    name: string,
    inputs: Tensor<"float32">,
    mask: Uint8Array | undefined,
  ): Promise<void> => {
    const found = new Map<string, PictureScore>();
    let turn = "";
    const asked = {
      ...compareOptions(options, plan),
      ...(mask ? { mask } : {}),
      methods: [...working],
      onMethod: (method: Method) => {
        turn = method.name;
      },
      onMetric: (metric: Metric) => line.update({ done: done++, total, details: `${turn} ${metric.name}` }),
    };
    for await (const compared of compareMethods(model, inputs, asked)) {
      const { name: method } = compared.method;
      if ("scored" in compared) {
        const { explanation, seconds, measured, missing } = compared.scored;
        const [lacking] = missing;
        if (lacking && !options.metric.includes(ALL))
          throw new UserError(`${lacking[0]} needs ${lacking[1]}.`);
        found.set(method, { seconds, measured, passes: explanation.passes });
      } else {
        if (!options.method.includes(ALL)) throw new UserError(compared.refused);
        line.clear();
        note(`${method} is left out: ${compared.refused}`);
        working.delete(method);
        scores.delete(method);
      }
    }
    pictures.push(name);
    for (const [method, one] of found) scores.set(method, [...(scores.get(method) ?? []), one]);
  };

  let broken: unknown;
  try {
    if (images.length === 0)
      for await (const { name, inputs, mask } of builtInPictures(model, options.pictures, options.seed))
        await scoreOne(name, inputs, mask);
    else {
      const masks = options.masks === undefined ? undefined : await openMasks(options.masks, model.input);
      await eachImage(images, model.input, async ({ name, input }) =>
        scoreOne(name, input, await masks?.(name)),
      );
    }
  } catch (error) {
    broken = error;
  }
  line.clear();
  return { pictures, scores, broken };
}

function compareOptions(options: Options, plan: Plan): CompareOptions {
  const { target, layer } = options;
  return {
    ...plan,
    metricOptions: plan.options,
    ...boundsOf(options),
    ...(target === undefined ? {} : { target }),
    ...(layer === undefined ? {} : { layer }),
  };
}

function csvRows({ pictures, scores }: Scores): string[][] {
  const rows = [...scores].flatMap(([method, all]) =>
    all.flatMap(({ measured }, at) =>
      [...measured].map(([metric, { value }]) => [pictures[at]!, method, metric, String(value)]),
    ),
  );
  return [["picture", "method", "metric", "value"], ...rows];
}
