import { lowerToBlocks } from "../autodiff/blocked/lower.ts";
import { gradient } from "../autodiff/gradient.ts";
import { scalar } from "../base/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { type Graph, initializerTensor, specialize, staticShape, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { BATCH, LOGITS, type Network } from "../model/model.ts";
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
  readonly masks: readonly DropoutMask[];
}

export interface StepOptions {
  readonly loss: Loss;
  readonly optimizer: Optimizer;
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

/** The training step of a network: every constant that a layer calls its parameter becomes an input that is updated. */
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
  const { graph: plain, masks } = withDropoutMasks(specialize(network.graph, { [BATCH]: batch }));
  const { graph, fused } = block ? lowerToBlocks(plain, block) : { graph: plain, fused: [] };
  const g = new GraphBuilder(graph);
  const parameters = network.layers.flatMap((layer) => layer.parameters);
  const values = parameters.map((name) => g.promote(name));
  const logits = g.value(LOGITS);
  const classes = network.classes.length;
  const targets = g.input(TARGETS, "float32", loss.targets(new Float32Array(batch), classes).shape);
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
  return { graph: g.finish(`${network.graph.name} training step`, outputs), parameters, slots, masks };
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

/** Puts `x · mask` in the place of every Dropout, the mask being an input. */
function withDropoutMasks(graph: Graph): { graph: Graph; masks: DropoutMask[] } {
  const masks: DropoutMask[] = [];
  const inputs = [...graph.inputs];
  const values = new Map(graph.values);
  const nodes = graph.nodes.map((node) => {
    if (node.op !== "Dropout") return node;
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
