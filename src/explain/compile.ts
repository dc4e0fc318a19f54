import { UserError } from "../base/errors.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { type Graph, staticShape } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { graphFor } from "../model/batch.ts";
import { checkClassifier } from "../model/classifier.ts";
import { withDescription } from "../model/description.ts";
import { HEATMAP, type Layer, type Model, RAW } from "../model/model.ts";
import { type ExplainOptions, explanationGraph, findMethod } from "./explain.ts";
import { targetLayer } from "./layer.ts";
import type { Method } from "./method.ts";
import { type TargetSpec, targetIndex } from "./target.ts";

export interface CompileExplanationOptions extends Omit<ExplainOptions, "target"> {
  /** The class that every run explains; `"input"`, the default, leaves it to an int64 input `target` `[N]`, −1 for the favoured one. */
  readonly target?: TargetSpec | "input";
  /** Pictures in a run; 1 unless given. */
  readonly batch?: number;
}

/** A network and its explanation as one graph. */
export interface CompiledExplanation {
  readonly graph: Graph;
  readonly method: Method;
  readonly layer: Layer;
}

/**
 * The network with an explanation in one self-contained graph, to be written as ONNX and run by any host without us. Its outputs:
 * `logits`, `probabilities`, the method's map `raw` `[N, h, w]`, signed, and `heatmap` `[N, H, W]`, its positive part enlarged
 * bilinearly to the picture's size. Classes and preprocessing are in the metadata, as in every model that we write.
 * @throws UserError when method, target or layer does not exist, or the network takes one picture at a time and more are asked for
 */
export async function compileExplanation(
  model: Model,
  {
    method: name = "grad-cam",
    target = "input",
    layer: layerName,
    batch = 1,
  }: CompileExplanationOptions = {},
): Promise<CompiledExplanation> {
  checkClassifier(model, model.source);
  const method = findMethod(name);
  const layer = targetLayer(model, layerName);
  const index = target === "input" ? undefined : targetIndex(target, model.classes);
  const graph = await graphFor(model, batch);
  if (!graph)
    throw new UserError(`${model.source} takes one picture at a time, not ${batch}; leave the batch at 1.`);
  const explained = explanationGraph(graph, method, layer, index);
  const g = new GraphBuilder(explained);
  const raw = g.value(RAW);
  const [, h, w] = staticShape(raw) as [number, number, number];
  const maps = op.reshape(g, op.relu(g, raw), [batch, 1, h, w]);
  const { height, width } = model.input;
  const heatmap = g.scope("heatmap", () =>
    op.reshape(g, op.enlarge(g, maps, height, width), [batch, height, width]),
  );
  const outputs = explained.outputs.map(({ name }) => [name, g.value(name)] as const);
  const compiled = g.finish(explained.name, {
    ...Object.fromEntries(outputs),
    [HEATMAP]: heatmap,
  });
  return { graph: withDescription({ ...model, graph: compiled }).graph, method, layer };
}
