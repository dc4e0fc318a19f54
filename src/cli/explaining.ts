import { readFile } from "node:fs/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { UsageError } from "../base/errors.ts";
import type { Tensor } from "../base/tensor.ts";
import { conventions } from "../explain/conventions/index.ts";
import { type ExplainOptions, findMethod } from "../explain/explain.ts";
import { type Fusion, fusions } from "../explain/fusion.ts";
import { type OptionValues, optionKinds, parseOptions } from "../explain/option.ts";
import type { TargetSpec } from "../explain/target.ts";
import { readNpy } from "../formats/npy.ts";
import type { Model } from "../model/model.ts";
import { type ClassScore, predict } from "../model/predict.ts";
import { bytes, positiveInteger, wholeNumber } from "./options.ts";

/** What the command line says of what is to be explained, and how much may be asked at once. */
export interface ExplainingOptions extends BoundsOptions {
  readonly target: readonly string[];
  readonly against?: string;
  readonly score: "logit" | "probability";
  readonly of?: string;
  readonly channel?: number;
  readonly position?: readonly [number, number];
  readonly layer: readonly string[];
  readonly fuse?: Fusion;
  readonly augment?: boolean;
  readonly convention?: string;
}

/** Adds the options of what is to be explained. */
export function explainingOptions(command: Command): void {
  command
    .option(
      "--target <class>",
      "class to explain: a name, an index, top, top-3 for the three most probable, or all; may be given several times",
      repeated,
      [] as readonly string[],
    )
    .option("--against <class>", "explain why the target and not this class: the difference of their scores")
    .addOption(
      new Option("--score <kind>", "what of the class is explained")
        .choices(["logit", "probability"])
        .default("logit"),
    )
    .option("--of <name>", "instead of a class: a layer, or a value of the graph, whose sum is explained")
    .option("--channel <n>", "of that only this channel", wholeNumber)
    .option("--position <row,column>", "of that only this place", place)
    .option(
      "--layer <name>",
      "layer to explain at: a name, module, index or glob; the last that knows where, unless said; given several times their maps become one",
      repeated,
      [] as readonly string[],
    )
    .addOption(
      new Option("--fuse <how>", "how the maps of several layers become one; mean unless said").choices(
        fusions,
      ),
    )
    .option("--augment", "smooth the map over mirrored, darker and brighter views: six times the passes")
    .addOption(
      new Option("--convention <library>", "options, scaling and enlarging as this library has them").choices(
        conventions.map(({ name }) => name),
      ),
    );
  boundsOptions(command);
}

/** How much may be asked at once, and what random numbers begin with. */
export interface BoundsOptions {
  readonly batch?: number;
  readonly memory?: number;
  readonly seed: number;
}

/** Adds the options of how much may be asked at once. */
export function boundsOptions(command: Command): void {
  command
    .option("--batch <n>", "rows in a run at most; 8 unless said", positiveInteger)
    .option(
      "--memory <bytes>",
      "what a run may take over the network's weights, such as 500MB; 1GB unless said",
      bytes,
    )
    .option("--seed <n>", "seed of methods that draw random numbers", wholeNumber, 0);
}

/** What the command line says of them, as the library takes it. */
export function boundsOf({
  batch,
  memory,
  seed,
}: BoundsOptions): Pick<ExplainOptions, "batch" | "memory" | "seed"> {
  return {
    seed,
    ...(batch === undefined ? {} : { batch }),
    ...(memory === undefined ? {} : { memory }),
  };
}

/** Adds `--set`, which methods' own options are given by. */
export function methodOption(command: Command): void {
  command.option(
    "--set <key=value>",
    "an option of the method, such as steps=20; may be given several times (see convscope methods NAME)",
    pair,
    {},
  );
}

const repeated = (text: string, before: readonly string[]): readonly string[] => [...before, text];

/** Gathers `key=value` of an option that may be given several times. */
export function pair(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It takes key=value, such as steps=20.");
  return { ...before, [text.slice(0, at).trim()]: text.slice(at + 1) };
}

function place(text: string): [number, number] {
  const [row, column, ...more] = text.split(",").map((item) => wholeNumber(item));
  if (column === undefined || more.length > 0)
    throw new InvalidArgumentError("It takes row,column, such as 3,5.");
  return [row!, column];
}

/**
 * A method's options as the command line has them; a value that is a `.npy` file is read.
 * @throws UsageError for one that it does not take
 */
export async function givenOptions(
  name: string,
  texts: Readonly<Record<string, string>>,
): Promise<Partial<OptionValues>> {
  const method = findMethod(name);
  const tensors: Record<string, Tensor> = {};
  const rest: Record<string, string> = {};
  for (const [key, text] of Object.entries(texts)) {
    if (text.toLowerCase().endsWith(".npy") && key in optionKinds && key in method.options)
      tensors[key] = readNpy(await readFile(text).catch(() => unreadable(text)), text);
    else rest[key] = text;
  }
  return { ...parseOptions(method, rest), ...(tensors as Partial<OptionValues>) };
}

function unreadable(path: string): never {
  throw new UsageError(`${path} cannot be read; is it there?`);
}

/** What the command line says, as the library takes it; the target aside. */
export function explainOptions(options: ExplainingOptions): Omit<ExplainOptions, "target" | "method"> {
  const { against, score, of, channel, position, layer, fuse, augment, convention, target } = options;
  if (of === undefined && (channel !== undefined || position !== undefined))
    throw new UsageError("--channel and --position need --of, the layer or value that has them.");
  if (of !== undefined && (target.length > 0 || against !== undefined))
    throw new UsageError("--of and --target both say what is explained; give one of them.");
  return {
    ...{ score, ...boundsOf(options) },
    ...(against === undefined ? {} : { against }),
    ...(of === undefined ? {} : { of }),
    ...(channel === undefined ? {} : { channel }),
    ...(position === undefined ? {} : { position }),
    ...(layer.length === 0 ? {} : { layer }),
    ...(fuse === undefined ? {} : { fuse }),
    ...(augment ? { augment } : {}),
    ...(convention === undefined ? {} : { convention }),
  };
}

/** The classes to explain in an image, one after the other. */
export async function targetsIn(
  model: Model,
  input: Tensor<"float32">,
  { target }: Pick<ExplainingOptions, "target">,
): Promise<TargetSpec[]> {
  if (target.length === 0) return ["top"];
  const { classes } = model;
  let ranked: readonly ClassScore[] | undefined;
  const targets: TargetSpec[] = [];
  for (const text of target) {
    const [, count] = /^top-(\d+)$/.exec(text) ?? [];
    if (classes.includes(text) || (count === undefined && text !== "all")) targets.push(text);
    else if (text === "all") targets.push(...classes.keys());
    else {
      ranked ??= await predict(model, input);
      targets.push(...ranked.slice(0, Number(count)).map(({ index }) => index));
    }
  }
  return targets;
}
