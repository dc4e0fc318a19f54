import { GraphBuilder } from "../../graph/builder.ts";
import { type Graph, producers, specialize } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { checkClassifier } from "../../model/classifier.ts";
import { BATCH, LOGITS, type Network } from "../../model/model.ts";
import { preprocessingOf } from "../../model/preprocessing.ts";
import { taskOf } from "../../model/tasks/index.ts";
import type { FormatOptions } from "../format.ts";
import { convert } from "./convert.ts";
import { CHANNELS_LAST } from "./held.ts";
import type { KerasLayer } from "./keras-layer.ts";
import { inKerasOrder } from "./order.ts";
import { preprocessingLayer } from "./preprocessing.ts";
import { layerWriter } from "./writer.ts";

/** A functional model of Keras's that takes pictures `[N, H, W, C]`. */
export interface KerasModel {
  readonly name: string;
  /** In Keras's order; the first is the input, the last gives the output. */
  readonly layers: readonly KerasLayer[];
  /** Numbers that it gives of a picture. */
  readonly columns: number;
}

/**
 * The network in layers that Keras 2 and 3 and TensorFlow.js have in common. Tensors are held channels last. It gives the network's second
 * output: a probability for each class, or a value; of two classes the probability of the second alone, as Keras has it. A layer bears
 * the name of the network's; what it needs beside itself, such as padding, has this name with a word behind it.
 * @throws UserError when the network has no classes, or holds what Keras has no layer for
 */
export function kerasModel(network: Network, { withPreprocessing = false }: FormatOptions): KerasModel {
  checkClassifier(network);
  const writer = layerWriter();
  const { channels, height, width } = network.input;
  const taken = withPreprocessing ? 3 : channels;
  let layer = writer.add(network.input.name, "InputLayer", [], {
    batch_input_shape: [null, height, width, taken],
    sparse: false,
  });
  if (withPreprocessing) {
    const { config, weights } = preprocessingLayer(preprocessingOf(network.input));
    layer = writer.add("preprocessing", "Conv2D", [layer], config, weights);
  }
  const graph = specialize(toOutput(network), { [BATCH]: 1 });
  const pictures = { layer, shape: [channels, height, width], order: CHANNELS_LAST };
  const output = convert(graph, network.layers, pictures, writer);
  return {
    name: network.graph.name,
    layers: inKerasOrder(writer.layers, output.layer),
    columns: output.shape[0]!,
  };
}

/** From the input to the one output that the model gives. */
function toOutput({ graph, classes, task }: Network): Graph {
  const g = new GraphBuilder(graph);
  const made = producers(graph).get(LOGITS);
  const logits = g.value(made?.op === "Identity" ? made.inputs[0]! : LOGITS);
  const twoClasses = logits.shape!.at(-1) === 1 && classes.length === 2;
  const given = twoClasses ? op.sigmoid(g, logits) : g.value(taskOf({ task }).output);
  return g.finish(graph.name, { [given.name]: given });
}
