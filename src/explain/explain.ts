import { gradient } from "../autodiff/gradient.ts";
import { listNames, UserError } from "../base/errors.ts";
import { resizeMap } from "../base/resize.ts";
import { float32, type Tensor } from "../base/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { type Graph, specialize, staticShape } from "../graph/graph.ts";
import { BATCH, type Layer, LOGITS, type Model } from "../model/model.ts";
import { type ClassScore, classScores, forward, toBatch } from "../model/predict.ts";
import type { Image } from "../model/preprocess.ts";
import { programFor } from "../model/programs.ts";
import { targetLayer } from "./layer.ts";
import type { Method } from "./method.ts";
import { methods } from "./methods/index.ts";
import { resolveTarget, type TargetSpec, targetSeed } from "./target.ts";

export interface ExplainOptions {
  /** Name of the method; Grad-CAM unless said. */
  readonly method?: string;
  /** The class to explain; the most probable one unless said. */
  readonly target?: TargetSpec;
  /** Name of the layer to explain at; the last convolution unless said. */
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
  const method = methods.find((candidate) => candidate.name === name);
  if (!method)
    throw new UserError(
      `There is no method "${name}"; the methods are ${listNames(methods.map((known) => known.name))}.`,
    );
  const layer = targetLayer(model, layerName);
  const batch = inputs.shape[0]!;
  const scores = await forward(model, inputs);
  const rows = Array.from({ length: batch }, (_, row) => classScores(model.classes, scores, row));
  const targets = rows.map((row) => resolveTarget(spec, row));

  const program = await programFor(model, `${name} at ${layer.name} for ${batch}`, () =>
    explanationGraph(model, method, layer, batch),
  );
  const logits = scores.logits.shape[1]!;
  const seed = new Float32Array(batch * logits);
  for (const [row, { index }] of targets.entries()) seed.set(targetSeed(index, logits), row * logits);
  const { raw } = await program.run({ [model.input.name]: inputs, seed: float32([batch, logits], seed) });

  const [, h, w] = raw!.shape as [number, number, number];
  return rows.map((row, at) => {
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
      target: targets[at]!,
      scores: row,
    };
  });
}

/** From the input and a seed `[N, logits]` that chooses each image's target to the method's raw map. */
export function explanationGraph(
  { graph, input }: Pick<Model, "graph" | "input">,
  method: Method,
  layer: Layer,
  batch: number,
): Graph {
  const g = new GraphBuilder(specialize(graph, { [BATCH]: batch }));
  const logits = g.value(LOGITS);
  const seed = g.input("seed", "float32", staticShape(logits));
  const activation = g.value(layer.output);
  const [slope] = g.scope("gradient", () => gradient(g, logits, [activation], { seed }));
  const raw = g.scope(method.name, () => method.map({ g, activation, gradient: slope! }));
  return g.finish(`${graph.name} ${method.name} of ${input.name}`, { raw });
}
