import { listNames, UserError } from "../base/errors.ts";
import { nearestFirst } from "../base/nearest.ts";
import type { Tensor } from "../base/tensor.ts";
import { graphFor } from "../model/batch.ts";
import { checkClassifier, isClassifier } from "../model/classifier.ts";
import { LOGITS, type Model } from "../model/model.ts";
import { type ClassScore, classScores, forward, toBatch } from "../model/predict.ts";
import type { Image } from "../model/preprocessing.ts";
import { type Bounds, subjectOf } from "./ask.ts";
import { checkViews, overViews } from "./augment.ts";
import { findConvention } from "./conventions/index.ts";
import { type Explanation, explanationOf, type Said } from "./explanation.ts";
import { type Fusion, fusedExplanation } from "./fusion.ts";
import { checkBefore, layerOf } from "./layer.ts";
import type { Attribution, Method } from "./method.ts";
import { methods } from "./methods/index.ts";
import { type Found, runOnce } from "./once.ts";
import { type OptionValues, withDefaults } from "./option.ts";
import { asTheyAre, scores } from "./questions.ts";
import type { Subject } from "./subject.ts";
import { hangsOnScores, type TargetOptions, targetsOf } from "./target.ts";

export interface ExplainOptions extends TargetOptions, Bounds {
  /** Name of the method; Grad-CAM unless said. */
  readonly method?: string;
  /** What it is to do otherwise than it does by itself, such as `{ steps: 20 }`. */
  readonly options?: Readonly<Partial<OptionValues>>;
  /** Another library whose defaults, scaling and enlarging are taken: `captum`, `pytorch-grad-cam`, `keras` or `innvestigate`. */
  readonly convention?: string;
  /**
   * Name, module, index or glob of the layer to explain at, for methods at a layer; the last that still has places unless said. Maps of
   * several become one.
   */
  readonly layer?: string | readonly string[];
  /** How the maps of several layers become one; their mean unless said. */
  readonly fuse?: Fusion;
  /** Whether the map is smoothed over views of the picture, its mirror image and darker and brighter ones: six times the passes. */
  readonly augment?: boolean;
  /** Seed of the random draws of methods that make some; 0 unless said. */
  readonly seed?: number;
}

/**
 * Explains a target in one image.
 * @throws UserError naming what there is when the method, an option, target or layer does not exist
 */
export async function explain(
  model: Model,
  image: Image,
  options: ExplainOptions = {},
): Promise<Explanation> {
  const [explanation] = await explainBatch(model, toBatch(model.input, image), options);
  return explanation!;
}

/** Explains a target in each image of a batch `[N, C, H, W]`. */
export async function explainBatch(
  model: Model,
  inputs: Tensor<"float32">,
  given: ExplainOptions = {},
): Promise<Explanation[]> {
  const method = findMethod(given.method ?? "grad-cam");
  const convention = given.convention === undefined ? undefined : findConvention(given.convention);
  const options = withDefaults(method, { ...convention?.options[method.name], ...given.options });
  if (typeof given.layer === "object" && given.layer.length > 1)
    return explainAtAll(model, inputs, given, given.layer);
  if (given.of === undefined) checkClassifier(model, model.source);
  const layer = layerOf(model, method, [given.layer].flat()[0], given.of);
  const graph = (await graphFor(model, 1))!;
  const [count] = inputs.shape as [number];
  // A single graph finds scores and favourite by itself.
  const beforehand = isClassifier(model) && (!("write" in method) || hangsOnScores(given) || given.augment);
  const said = beforehand ? await scoresOf(model, inputs) : undefined;
  const targets = targetsOf(model, graph, count, given, said);
  if (layer) checkBefore(graph, layer, targets[0]!);
  if (given.augment) checkViews(graph, method, layer);
  const { seed = 0 } = given;
  const subject = subjectOf(model, { ...given, inputs, targets, layer, seed, method: method.name });
  const find = async (views: Tensor<"float32">): Promise<Attribution & Partial<Found>> => {
    const viewed: Subject = Object.create(subject, { inputs: { value: views } });
    return "write" in method ? runOnce(viewed, method, options) : method.explain(viewed, options);
  };
  const found = given.augment
    ? { values: await overViews(inputs, async (views) => (await find(views)).values) }
    : await find(inputs);
  const every = found.said ?? (await answers(subject, said));
  const { forward: asked, backward } = subject.passes;
  const passes = { forward: asked / count + (said ? 1 : 0), backward: backward / count };
  return targets.map((target, at) =>
    explanationOf({ method, options, convention, layer, model, passes }, found, at, target, every[at]!),
  );
}

/** Explains at each of several layers, and makes one map of theirs. */
async function explainAtAll(
  model: Model,
  inputs: Tensor<"float32">,
  given: ExplainOptions,
  layers: readonly string[],
): Promise<Explanation[]> {
  const apart: Explanation[][] = [];
  for (const layer of layers) apart.push(await explainBatch(model, inputs, { ...given, layer }));
  return apart[0]!.map((_, at) =>
    fusedExplanation(
      apart.map((explanations) => explanations[at]!),
      model.input,
      given.fuse ?? "mean",
    ),
  );
}

/** What the network says of pictures that were asked about beforehand, and the number that is explained in each. */
async function answers(subject: Subject, said: readonly ClassScore[][] | undefined): Promise<Said[]> {
  const logits = subject.targets.map(({ index = -1, value }, at) =>
    value === LOGITS ? said?.[at]?.[index]?.logit : undefined,
  );
  const explained = logits.includes(undefined) ? await scores(subject, asTheyAre(subject)) : logits;
  return Array.from(explained, (score, at) => ({ score: score!, scores: said?.[at] ?? [] }));
}

async function scoresOf(model: Model, inputs: Tensor<"float32">): Promise<ClassScore[][]> {
  const scores = await forward(model, inputs);
  return Array.from({ length: inputs.shape[0]! }, (_, row) => classScores(model, scores, row));
}

/** @throws UserError listing the methods when there is none of that name */
export function findMethod(name: string): Method {
  const method = methods.find((candidate) => candidate.name === name);
  if (method) return method;
  const names = methods.map((known) => known.name);
  throw new UserError(
    `There is no method "${name}"; the nearest are ${listNames(nearestFirst(name, names).slice(0, 6))} (see \`convscope methods\`).`,
  );
}
