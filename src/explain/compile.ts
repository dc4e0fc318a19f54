import { UserError } from "../base/errors.ts";
import { int64 } from "../base/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { graphFor } from "../model/batch.ts";
import { checkClassifier } from "../model/classifier.ts";
import { withDescription } from "../model/description.ts";
import { gridOf } from "../model/grid.ts";
import { HEATMAP, type Layer, type Model, RAW, TARGET } from "../model/model.ts";
import { contextOf } from "./ask.ts";
import { type ExplainOptions, findMethod } from "./explain.ts";
import { layerOf } from "./layer.ts";
import { joinChannels } from "./maps.ts";
import { type Method, readingOf } from "./method.ts";
import { writeOnce } from "./once.ts";
import { withDefaults } from "./option.ts";
import { SCORE } from "./questions.ts";
import { explainedValue, type TargetSpec, targetIndex, targetSeed } from "./target.ts";

export interface CompileExplanationOptions extends Pick<ExplainOptions, "method" | "options"> {
  /** Name, module, index or glob of the layer to explain at, for methods at a layer; the last that still has places unless said. */
  readonly layer?: string;
  /** The class that every run explains; `"input"`, the default, leaves it to an int64 input `target` `[N]`, −1 for the favoured one. */
  readonly target?: TargetSpec | "input";
  /** Pictures in a run; 1 unless given. */
  readonly batch?: number;
}

/** A network and its explanation as one graph. */
export interface CompiledExplanation {
  readonly graph: Graph;
  readonly method: Method;
  /** Of methods at a layer. */
  readonly layer: Layer | undefined;
}

/**
 * The network with an explanation in one self-contained graph, to be written as ONNX and run by any host without us. Its outputs:
 * `logits`, `probabilities`, the method's numbers `raw`, and `heatmap` `[N, H, W]`: their channels joined, of methods whose sign does not
 * count the positive part, enlarged bilinearly to the picture's size. Classes and preprocessing are in the metadata, as in every model that we write.
 * @throws UserError when method, target or layer does not exist, or the network takes one picture at a time and more are asked for
 */
export async function compileExplanation(
  model: Model,
  {
    method: name = "grad-cam",
    target = "input",
    options: given,
    layer: layerName,
    batch = 1,
  }: CompileExplanationOptions = {},
): Promise<CompiledExplanation> {
  checkClassifier(model, model.source);
  const method = findMethod(name);
  if (!("write" in method))
    throw new UserError(
      `${method.name} asks the network many things, so it cannot be one file; compile another method.`,
    );
  const options = withDefaults(method, given);
  const layer = layerOf(model, method, layerName);
  const index = target === "input" ? undefined : targetIndex(target, model.classes);
  const graph = await graphFor(model, batch);
  if (!graph)
    throw new UserError(`${model.source} takes one picture at a time, not ${batch}; leave the batch at 1.`);
  const g = new GraphBuilder(graph);
  const asked =
    index === undefined
      ? g.input(TARGET, "int64", [batch])
      : g.constant(int64([batch], new Array<number>(batch).fill(index)));
  const seed = g.scope("target", () => targetSeed(g, graph, asked));
  const parts = { input: model.input, explained: g.value(explainedValue(model)), seed, layer };
  const { [SCORE]: _, ...outputs } = writeOnce(method, contextOf(g, graph, parts), options);
  const grid = layer && method.at === "layer" ? gridOf(graph, layer.output) : undefined;
  const { sign, channels } = readingOf(method, options);
  const joined = joinChannels(g, outputs[RAW]!, grid, channels);
  const { height, width } = model.input;
  const heatmap = g.scope("heatmap", () => {
    const shown = sign === "signed" ? joined : op.relu(g, joined);
    return op.reshape(g, op.enlarge(g, shown, height, width), [batch, height, width]);
  });
  const compiled = g.finish(`${graph.name} ${method.name}`, { ...outputs, [HEATMAP]: heatmap });
  return { graph: withDescription({ ...model, graph: compiled }).graph, method, layer };
}
