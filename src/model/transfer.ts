import { UserError } from "../base/errors.ts";
import { entering, extract, type Graph, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { scoresFor } from "./architecture.ts";
import { withDescription } from "./description.ts";
import { findLayer, spatialLayers } from "./find-layer.ts";
import { type Grid, gridOf } from "./grid.ts";
import { dense, dropout, flatten } from "./layers/index.ts";
import { BATCH, type Layer, type Network } from "./model.ts";
import { NetworkBuilder } from "./network.ts";
import { defaultLayer } from "./target-layers.ts";
import type { TaskName } from "./tasks/index.ts";

/** How maps become a row of features: the mean of each, or all of their places one after the other. */
export const poolings = ["average", "flatten"] as const;
export type Pooling = (typeof poolings)[number];

export interface TransferOptions {
  /** What to say of a picture; which one of the classes it is of unless given. */
  readonly task?: TaskName | undefined;
  /** At least two; names of labels, or of a value. */
  readonly classes: readonly string[];
  /** The last layer of the backbone that is kept: a name, index, type or glob; the last with places unless given. */
  readonly cut?: string | undefined;
  readonly pooling?: Pooling;
  /** Units of a hidden dense layer with ReLU; without one unless given. */
  readonly units?: number;
  /** Part of the features that is dropped in training, 0…1. */
  readonly dropout?: number;
  /** Of the head's initial weights. */
  readonly seed?: number;
}

/** A network with a new head on a trained backbone. */
export interface Transfer {
  /** From the picture to the new classes' scores. */
  readonly network: Network;
  /** The backbone's last layer. */
  readonly cut: Layer;
  /** The new layers by themselves. They take the value of the network that bears their input's name: features, `[N, F]`. */
  readonly head: Network;
}

/**
 * A backbone up to a layer, and on it a new head: global average pooling or flatten, dropout, and dense layers with weights drawn
 * anew. It is one network: what explains, exports or trains any other does so with it.
 * @throws UserError when there is no such layer, or it gives no numbers of a picture by itself
 */
export function transfer(backbone: Network, options: TransferOptions): Transfer {
  const { task, classes, pooling = "average", units = 0, dropout: rate = 0.5, seed = 0 } = options;
  const cut = options.cut === undefined ? lastLayer(backbone) : findLayer(backbone, options.cut);
  checkCut(backbone, cut);
  const graph = trunkOf(backbone.graph, cut.output);
  const layers = layersIn(backbone, graph, cut);
  const network = new NetworkBuilder(backbone.input, seed, { graph, layers });
  const pooled = toFeatures(network, graph, cut, pooling);
  let x = rate > 0 ? dropout(network, pooled, rate) : pooled;
  if (units > 0) x = dense(network, x, { units, relu: true });
  x = dense(network, x, { units: scoresFor("a head", classes, task) });
  const whole = network.finish(`${backbone.graph.name} transfer`, x, classes, task);
  const { general } = backbone;
  return {
    network: general
      ? withDescription({ ...whole, general: grafted(trunkOf(general, cut.output), graph, whole.graph) })
      : whole,
    cut,
    head: headOf(whole, pooled),
  };
}

/** The part of a network behind its features; its batch is free, whatever that of the whole is. */
function headOf({ graph, layers, general: _, ...whole }: Network, features: Value): Network {
  const part = entering(graph, features.name);
  const made = new Set([features.name, ...part.nodes.flatMap(({ outputs }) => outputs)]);
  const free = (value: Value): Value =>
    made.has(value.name) ? { ...value, shape: [BATCH, ...value.shape!.slice(1)] } : value;
  const named = [...graph.values].filter(([name]) => made.has(name) || part.initializers.has(name));
  return {
    ...whole,
    graph: {
      ...part,
      name: `${graph.name} head`,
      inputs: part.inputs.map(free),
      outputs: part.outputs.map(free),
      values: new Map(named.map(([name, value]) => [name, free(value)])),
    },
    input: { name: features.name, channels: features.shape![1] as number, width: 1, height: 1 },
    layers: layers.filter(({ output }) => made.has(output) && output !== features.name),
  };
}

/** The last layer with places: of a classifier the one that it is explained at. */
function lastLayer(backbone: Network): Layer {
  const layer = defaultLayer(backbone) ?? spatialLayers(backbone).at(-1) ?? backbone.layers.at(-1);
  if (!layer) throw new UserError("The backbone has no layers to put a head on; give another model.");
  return layer;
}

function checkCut({ graph }: Network, { name, output }: Layer): void {
  const { dtype, shape } = graph.values.get(output)!;
  const whole = shape?.slice(1).every((extent) => typeof extent === "number");
  if (dtype === "float32" && whole && shape!.length > 1 && shape![0] === graph.inputs[0]!.shape![0]) return;
  throw new UserError(
    `The layer "${name}" gives ${dtype} [${shape?.join(", ") ?? "?"}], no row or maps of each picture by itself; cut at another layer.`,
  );
}

/** What a value depends on, as a graph that holds nothing else. */
function trunkOf(graph: Graph, output: string): Graph {
  const trunk = extract(graph, [output]);
  const named = new Set([
    ...trunk.inputs.map(({ name }) => name),
    ...trunk.initializers.keys(),
    ...trunk.nodes.flatMap((node) => node.outputs),
  ]);
  const values = new Map([...graph.values].filter(([name]) => named.has(name)));
  return { ...trunk, values, metadata: new Map() };
}

/** The layers whose output the trunk makes; of those that only some of their values are left of, none. */
function layersIn({ layers }: Network, { values }: Graph, cut: Layer): Layer[] {
  const kept = layers.filter(({ output }) => values.has(output));
  return kept.slice(0, kept.indexOf(cut) + 1);
}

function toFeatures(network: NetworkBuilder, graph: Graph, { output }: Layer, pooling: Pooling): Value {
  const x = network.g.value(output);
  if (x.shape!.length === 2) return x;
  const grid = gridOf(graph, output);
  return grid && pooling === "average" ? mean(network, x, grid) : flatten(network, x);
}

/** `[N, C]`: the mean over places, whatever the layout; leading tokens are no places. */
function mean(network: NetworkBuilder, x: Value, { layout, skip }: Grid): Value {
  const { g } = network;
  return network.layer("GlobalAveragePooling2D", "global_average_pooling2d", () => {
    if (layout === "NCHW") return op.flatten(g, op.globalAveragePool(g, x));
    const axes = x.shape!.map((_, axis) => axis).slice(1, -1);
    const tokens = x.shape!.at(-2) as number;
    return op.reduceMean(g, skip > 0 ? op.slice(g, x, [1], [skip], [tokens]) : x, axes);
  });
}

/** The head of `whole`, which stands on `trunk`, on another form of that. */
function grafted(general: Graph, trunk: Graph, whole: Graph): Graph {
  const added = <T>(all: ReadonlyMap<string, T>, known: ReadonlyMap<string, unknown>): [string, T][] =>
    [...all].filter(([name]) => !known.has(name));
  return {
    ...general,
    name: whole.name,
    outputs: whole.outputs,
    nodes: [...general.nodes, ...whole.nodes.slice(trunk.nodes.length)],
    initializers: new Map([...general.initializers, ...added(whole.initializers, trunk.initializers)]),
    values: new Map([...general.values, ...added(whole.values, trunk.values)]),
    metadata: whole.metadata,
  };
}
