import { UserError } from "../base/errors.ts";
import { float32, type Tensor } from "../base/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import { findLayers, spatialLayers } from "../model/find-layer.ts";
import { gridOf, toMaps } from "../model/grid.ts";
import type { Layer, Model } from "../model/model.ts";
import { toBatch } from "../model/predict.ts";
import type { Image } from "../model/preprocessing.ts";
import { runBatch } from "../model/programs.ts";

/** What comes out of a layer for one image. */
export interface LayerActivation {
  readonly layer: Layer;
  /** `[C, h, w]`, of tokens and channels-last layers too, or `[features]` where the layer has no spatial extent. */
  readonly activation: Tensor<"float32">;
}

export interface ActivationsOptions {
  /** Names, indices, types or globs of the layers; all with spatial extent, in running order, unless said. */
  readonly layers?: readonly string[];
}

/**
 * The activations of one image, after each layer's nonlinearity. One run of the part of the network that they need.
 * @throws UserError listing the layers when there is none of a name, or when the image is a batch of several
 */
export async function activations(
  model: Model,
  image: Image,
  { layers: names }: ActivationsOptions = {},
): Promise<LayerActivation[]> {
  const layers = names?.flatMap((name) => findLayers(model, name)) ?? spatialLayers(model);
  if (layers.length === 0) return [];
  const input = toBatch(model.input, image);
  if (input.shape[0] !== 1)
    throw new UserError(`Activations are those of one image, not of ${input.shape[0]}; give one at a time.`);
  const outputs = [...new Set(layers.map(({ output }) => output))];
  const results = await runBatch(
    model,
    { [model.input.name]: input },
    { key: `activations ${outputs.join(" ")}`, derive: (graph) => activationsGraph(graph, outputs) },
  );
  return layers.map((layer) => {
    const { shape, data } = results[keyOf(outputs.indexOf(layer.output))] as Tensor<"float32">;
    return { layer, activation: float32(shape.slice(1), data) };
  });
}

const keyOf = (index: number): string => `activation ${index}`;

/** From the network's input to each of the values, those with places as maps. */
function activationsGraph(graph: Graph, outputs: readonly string[]): Graph {
  const g = new GraphBuilder(graph);
  const maps = outputs.map((name, index) => {
    const grid = gridOf(graph, name);
    return [keyOf(index), grid ? toMaps(g, g.value(name), grid) : g.value(name)] as const;
  });
  return g.finish(`${graph.name} activations`, Object.fromEntries(maps));
}
