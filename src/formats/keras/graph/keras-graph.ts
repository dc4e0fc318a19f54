import { UserError } from "../../../base/errors.ts";
import { GraphBuilder } from "../../../graph/builder.ts";
import type { Graph } from "../../../graph/graph.ts";
import type { SavedKerasModel } from "../saved-model.ts";
import { isFields } from "../settings.ts";
import type { Building, KerasGraphLayer } from "./building.ts";
import { callModel } from "./call-model.ts";
import { savedInputOf, writeInput } from "./graph-input.ts";
import type { Dialect } from "./layers/layer.ts";
import { orderOf } from "./order.ts";
import { isModel } from "./saved-layers.ts";

/** JSON that is deeper than this is no model's. */
const DEEPEST = 400;

export interface KerasGraph {
  /** Its pictures are `[N, C, H, W]`, its other tensors as `Order` says; all shapes are known but for N. */
  readonly graph: Graph;
  /** In running order, those of models within it by name after name, `vgg16/block5_conv3`. Inputs are none. */
  readonly layers: readonly KerasGraphLayer[];
}

/**
 * A model of Keras or TensorFlow.js as a graph. Its weights are read when somebody asks for their bytes.
 * @param source the file, for messages
 * @param size pixels, where the model leaves height and width free
 * @throws UserError when it is no whole model, or has a layer that is not known here, by name; nothing in it is ever run
 */
export function kerasGraph(saved: SavedKerasModel, source: string, size: number): KerasGraph {
  const { model } = saved;
  if (depthOf(model) > DEEPEST || !isModel(model))
    throw new UserError(
      `${source} holds ${model.class_name}, which is no Sequential or functional model; save one of these.`,
    );
  const input = savedInputOf(model, source, size);
  const g = new GraphBuilder();
  const order = orderOf(g, input.format);
  const building: Building = {
    g,
    order,
    saved,
    source,
    dialect: dialectOf(saved.version),
    layers: [],
    weights: new Map(),
  };
  const x = writeInput(g, input);
  const outputs = callModel(building, model, { path: [], title: [] }, [x]);
  const name = isFields(model.config) && typeof model.config.name === "string" ? model.config.name : "model";
  const graph = g.finish(name, Object.fromEntries(outputs.map((value) => [value.name, value])));
  return { graph, layers: building.layers.filter(({ output }) => graph.values.has(output)) };
}

function dialectOf(version = "2"): Dialect {
  if (version.startsWith("tfjs")) return "TensorFlow.js";
  return Number.parseInt(version, 10) >= 3 ? "Keras 3" : "Keras 2";
}

/** How deep objects and lists lie in each other. */
function depthOf(json: unknown): number {
  let [depth, level] = [0, [json]];
  while (level.length > 0) {
    level = level.flatMap((value) => (typeof value === "object" && value ? Object.values(value) : []));
    depth++;
  }
  return depth;
}
