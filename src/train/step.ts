import { lowerToBlocks } from "../autodiff/blocked/lower.ts";
import { gradient } from "../autodiff/gradient.ts";
import { scalar } from "../base/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { type Graph, initializerTensor, int, specialize, staticShape, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { BATCH, type Layer, LOGITS, type Network } from "../model/model.ts";
import type { Loss } from "./losses/index.ts";
import type { Optimizer } from "./optimizers/index.ts";

/** Names of the step's inputs and outputs beside parameters and slots. */
export const TARGETS = "targets";
export const PICTURE_WEIGHTS = "picture_weights";
export const LEARNING_RATE = "learning_rate";
export const ITERATION = "iteration";
export const LOSS = "loss";
/** What a parameter or slot is called after the step. */
export const next = (name: string): string => `${name}/next`;
/** What an optimizer's slot of a parameter is called. */
export const slotName = (parameter: string, slot: string): string => `${parameter}/${slot}`;

/** A place in the network that drops features at random: the step takes its mask as an input. */
export interface DropoutMask {
  readonly name: string;
  /** `[N, features]`. */
  readonly shape: readonly number[];
  /** Part that is dropped; what stays is scaled by `1 / (1 − rate)`. */
  readonly rate: number;
}

/** Forward, loss, backward and optimizer as one graph; what changes from step to step goes in and comes out. */
export interface TrainingStep {
  readonly graph: Graph;
  /** Names of the weights; each is an input, and an output under `next(name)`. */
  readonly parameters: readonly string[];
  /** Names of the optimizer's tensors, likewise. */
  readonly slots: readonly string[];
  /** Names of what batch normalizations measured, where the step measures on; likewise. */
  readonly statistics: readonly string[];
  readonly masks: readonly DropoutMask[];
}

export interface StepOptions {
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** Names of the layers that change; all unless given. The others are as they are when the network predicts. */
  readonly layers?: readonly string[] | undefined;
  /**
   * Whether batch normalizations among them use a batch's own mean and variance and take them into those that they keep. Of a
   * network that is fine-tuned they had better stay as they are: a few pictures tell less than what they were measured on.
   */
  readonly updateStatistics?: boolean | undefined;
  /** Whether each picture has a weight of its own, by which its loss counts: the step then takes `[N]` of them. */
  readonly weighted?: boolean;
  /**
   * Part of the weights, times the learning rate, that each step takes off them before its update, apart from the gradient, as
   * Keras does with any optimizer; the optimizer's own unless said.
   */
  readonly weightDecay?: number | undefined;
  /** The longest that the gradient of all weights together may be (Pascanu et al. 2013); a longer one is scaled down to it. */
  readonly clipNorm?: number | undefined;
  /** Pictures in a step. */
  readonly batch: number;
  /** The engine's `channelBlock`: convolutions are then written for its layout. */
  readonly block?: number | undefined;
}

/** The names of a network's weights that change in training, and of the statistics. */
export function changing(
  network: Pick<Network, "layers">,
  { layers: names, updateStatistics = false }: Pick<StepOptions, "layers" | "updateStatistics"> = {},
): {
  readonly layers: readonly Layer[];
  readonly parameters: readonly string[];
  readonly statistics: readonly string[];
} {
  const layers = names ? network.layers.filter(({ name }) => names.includes(name)) : network.layers;
  const statistics = updateStatistics ? layers.flatMap((layer) => layer.statistics ?? []) : [];
  // One weight may be that of two layers.
  return {
    layers,
    parameters: [...new Set(layers.flatMap((layer) => layer.parameters))],
    statistics: [...new Set(statistics)],
  };
}

/**
 * The training step of a network: every constant that a layer which changes calls its parameter becomes an input that is updated.
 * @throws UserError when there is no gradient rule for an operator between such a parameter and the loss
 */
export function trainingStep(network: Network, options: StepOptions): TrainingStep {
  const {
    loss,
    optimizer,
    weighted = false,
    weightDecay = optimizer.weightDecay ?? 0,
    clipNorm,
    batch,
    block,
  } = options;
  const { layers, parameters, statistics } = changing(network, options);
  const fixed = specialize(network.graph, { [BATCH]: batch });
  const { graph: masked, masks } = withDropoutMasks(fixed, options.layers && layers);
  const measuring = withBatchStatistics(masked, new Set(statistics));
  // Where the weights stay, ONNX Runtime lays the convolutions out by itself.
  const blocks = options.layers ? undefined : block;
  const { graph, fused } = blocks ? lowerToBlocks(measuring, blocks) : { graph: measuring, fused: [] };
  const g = new GraphBuilder(graph);
  const values = parameters.map((name) => g.promote(name));
  const logits = g.value(LOGITS);
  const targets = g.input(TARGETS, "float32", staticShape(logits));
  const learningRate = g.input(LEARNING_RATE, "float32", []);
  const iteration = g.input(ITERATION, "float32", []);
  const pictureWeights = weighted ? g.input(PICTURE_WEIGHTS, "float32", [batch]) : undefined;
  const mean = g.scope("loss", () => {
    const each = loss.each(g, logits, targets);
    return op.reduceMean(g, pictureWeights ? op.mul(g, each, pictureWeights) : each, [0]);
  });
  const whole = g.scope("gradient", () =>
    gradient(g, mean, values, { seed: g.constant(scalar(optimizer.gradientScale)), fused }),
  );
  const longest = clipNorm === undefined ? undefined : clipNorm * optimizer.gradientScale;
  const gradients = longest === undefined ? whole : g.scope("clip", () => clipped(g, whole, longest));
  const outputs: Record<string, Value> = { [LOSS]: mean, [LOGITS]: logits };
  const slots: string[] = [];
  values.forEach((parameter, index) => {
    const names = optimizer.slots.map((slot) => slotName(parameter.name, slot));
    const before = names.map((name) => g.input(name, "float32", staticShape(parameter)));
    const after = g.scope(`update/${parameter.name}`, () =>
      optimizer.update(g, {
        parameter: weightDecay > 0 ? decayed(g, parameter, learningRate, weightDecay) : parameter,
        gradient: gradients[index]!,
        slots: before,
        ...{ learningRate, iteration },
      }),
    );
    // Renamed, not copied: an output that is also read inside would cost a pass over all weights.
    outputs[next(parameter.name)] = g.rename(after.parameter, next(parameter.name));
    names.forEach((name, at) => {
      outputs[next(name)] = g.rename(after.slots[at]!, next(name));
    });
    slots.push(...names);
  });
  for (const name of statistics) {
    g.promote(name);
    outputs[next(name)] = g.value(next(name));
  }
  const finished = g.finish(`${network.graph.name} training step`, outputs);
  return { graph: finished, parameters, slots, statistics, masks };
}

/** Gradients scaled so that all of them together are no longer than `longest`. */
function clipped(g: GraphBuilder, gradients: readonly Value[], longest: number): Value[] {
  const squares = gradients.map((one) =>
    op.reduceSum(
      g,
      op.mul(g, one, one),
      staticShape(one).map((_, axis) => axis),
    ),
  );
  const limit = g.constant(scalar(longest));
  const factor = op.div(g, limit, op.max(g, op.sqrt(g, op.sum(g, ...squares)), limit));
  return gradients.map((one) => op.mul(g, one, factor));
}

/** `p · (1 − lr · decay)` */
function decayed(g: GraphBuilder, parameter: Value, learningRate: Value, decay: number): Value {
  const kept = op.sub(g, g.constant(scalar(1)), op.mul(g, learningRate, g.constant(scalar(decay))));
  return op.mul(g, parameter, kept);
}

/** Puts `x · mask` in the place of every Dropout, or of those in the given layers, the mask being an input. */
function withDropoutMasks(
  graph: Graph,
  layers: readonly Layer[] | undefined,
): { graph: Graph; masks: DropoutMask[] } {
  const masks: DropoutMask[] = [];
  const inputs = [...graph.inputs];
  const values = new Map(graph.values);
  const nodes = graph.nodes.map((node) => {
    if (node.op !== "Dropout") return node;
    if (layers && !layers.some(({ output }) => output === node.outputs[0])) return node;
    const [data, ratio] = node.inputs;
    const name = `${node.name}/mask`;
    const mask: Value = { ...graph.values.get(data!)!, name };
    const rate = ratio ? Number(initializerTensor(graph.initializers.get(ratio)!).data[0]) : 0.5;
    masks.push({ name, shape: staticShape(mask), rate });
    inputs.push(mask);
    values.set(name, mask);
    return { ...node, op: "Mul", inputs: [data!, name] };
  });
  return { graph: { ...graph, inputs, nodes, values }, masks };
}

/** Lets the batch normalizations that read these statistics measure the batch, and give what to keep of it. */
function withBatchStatistics(graph: Graph, statistics: ReadonlySet<string>): Graph {
  if (statistics.size === 0) return graph;
  const values = new Map(graph.values);
  const nodes = graph.nodes.map((node) => {
    const [, , , mean, variance] = node.inputs;
    if (node.op !== "BatchNormalization" || !mean || !variance || !statistics.has(mean)) return node;
    for (const name of [mean, variance])
      values.set(next(name), { ...graph.values.get(name)!, name: next(name) });
    return {
      ...node,
      outputs: [node.outputs[0]!, next(mean), next(variance)],
      attributes: { ...node.attributes, training_mode: int(1) },
    };
  });
  return { ...graph, nodes, values };
}
