import { gradient } from "../autodiff/gradient.ts";
import { listNames, UserError } from "../base/errors.ts";
import { resizeMap } from "../base/resize.ts";
import { float32, int64, type Tensor } from "../base/tensor.ts";
import type { Tensors } from "../engine/engine.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { type Graph, staticShape } from "../graph/graph.ts";
import { checkClassifier } from "../model/classifier.ts";
import { gridOf, toMaps } from "../model/grid.ts";
import { type Layer, LOGITS, type Model, RAW, TARGET } from "../model/model.ts";
import { type ClassScore, classScores, toBatch } from "../model/predict.ts";
import type { Image } from "../model/preprocessing.ts";
import { runBatch } from "../model/programs.ts";
import { targetLayer } from "./layer.ts";
import type { Method } from "./method.ts";
import { methods } from "./methods/index.ts";
import { type TargetSpec, TOP, targetIndex, targetSeed } from "./target.ts";

export interface ExplainOptions {
  /** Name of the method; Grad-CAM unless said. */
  readonly method?: string;
  /** The class to explain; the most probable one unless said. */
  readonly target?: TargetSpec;
  /** Name, module, index or glob of the layer to explain at; the last that still has places unless said. */
  readonly layer?: string;
}

/** Where the evidence for a class lies in one image. */
export interface Explanation {
  /** The evidence enlarged bilinearly to the size of the network's input, `[H, W]`; not scaled. */
  readonly attribution: Tensor<"float32">;
  /** The positive part of `raw`, `[h, w]`: what speaks for the class, and how much, in units of the logit. */
  readonly evidence: Tensor<"float32">;
  /** The method's map as its formula has it, before anything is cut off, enlarged or scaled: `[h, w]`. */
  readonly raw: Tensor<"float32">;
  readonly method: Method;
  readonly layer: Layer;
  readonly target: ClassScore;
  /** What the network says of every class, in class order. */
  readonly scores: readonly ClassScore[];
}

/**
 * Explains a class in one image.
 * @throws UserError naming what there is when the method, target or layer does not exist
 */
export async function explain(
  model: Model,
  image: Image,
  options: ExplainOptions = {},
): Promise<Explanation> {
  const [explanation] = await explainBatch(model, toBatch(model.input, image), options);
  return explanation!;
}

/** Explains a class in each image of a batch `[N, 3, H, W]`. */
export async function explainBatch(
  model: Model,
  inputs: Tensor<"float32">,
  { method: name = "grad-cam", target: spec = "top", layer: layerName }: ExplainOptions = {},
): Promise<Explanation[]> {
  checkClassifier(model, model.source);
  const method = findMethod(name);
  const layer = targetLayer(model, layerName);
  const index = targetIndex(spec, model.classes);
  const batch = inputs.shape[0]!;
  const targets = int64([batch], new Array<number>(batch).fill(index));
  const results = await runBatch(
    model,
    { [model.input.name]: inputs, [TARGET]: targets },
    { key: `${name} at ${layer.name}`, derive: (graph) => explanationGraph(graph, method, layer) },
  );
  return Array.from({ length: batch }, (_, at) =>
    explanationIn(model, results, at, { method, layer, index }),
  );
}

/** What a run of the `explanationGraph` of a method and layer says of the picture in row `at`, whose target is `index`. */
export function explanationIn(
  model: Model,
  results: Tensors,
  at: number,
  { method, layer, index }: Pick<Explanation, "method" | "layer"> & { readonly index: number },
): Explanation {
  const { [RAW]: raw } = results;
  const [, h, w] = raw!.shape as [number, number, number];
  const row = classScores(model, results, at);
  const map = float32([h, w], (raw!.data as Float32Array).slice(at * h * w, (at + 1) * h * w));
  const evidence = float32(
    [h, w],
    map.data.map((value) => Math.max(0, value)),
  );
  return {
    attribution: resizeMap(evidence, model.input.height, model.input.width),
    evidence,
    raw: map,
    method,
    layer,
    target: index === TOP ? favourite(row) : row[index]!,
    scores: row,
  };
}

/**
 * From the network's input and each picture's `target` (int64 `[N]`, `TOP` for the favoured class) to the network's own outputs
 * and the method's map `raw` `[N, h, w]`: one graph, so that the network is run once.
 * @param graph a network's, with static shapes
 * @param index the class to explain in every picture; then there is no such input
 */
export function explanationGraph(graph: Graph, method: Method, layer: Layer, index?: number): Graph {
  const g = new GraphBuilder(graph);
  const outputs = graph.outputs.map(({ name }) => [name, g.value(name)] as const);
  const logits = g.value(LOGITS);
  const batch = staticShape(logits)[0]!;
  const target =
    index === undefined
      ? g.input(TARGET, "int64", [batch])
      : g.constant(int64([batch], new Array<number>(batch).fill(index)));
  const seed = g.scope("target", () => targetSeed(g, graph, target));
  const activation = g.value(layer.output);
  const [slope] = g.scope("gradient", () => gradient(g, logits, [activation], { seed }));
  const grid = gridOf(graph, layer.output)!;
  const raw = g.scope(method.name, () =>
    method.map({ g, activation: toMaps(g, activation, grid), gradient: toMaps(g, slope!, grid) }),
  );
  return g.finish(`${graph.name} ${method.name}`, { ...Object.fromEntries(outputs), [RAW]: raw });
}

/** @throws UserError listing the methods when there is none of that name */
export function findMethod(name: string): Method {
  const method = methods.find((candidate) => candidate.name === name);
  if (method) return method;
  throw new UserError(
    `There is no method "${name}"; the methods are ${listNames(methods.map((known) => known.name))}.`,
  );
}

function favourite(scores: readonly ClassScore[]): ClassScore {
  return scores.reduce((best, score) => (score.logit > best.logit ? score : best));
}
