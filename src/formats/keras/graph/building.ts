import { UserError } from "../../../base/errors.ts";
import type { GraphBuilder } from "../../../graph/builder.ts";
import type { Value } from "../../../graph/graph.ts";
import type { SavedKerasModel } from "../saved-model.ts";
import type { Dialect } from "./layers/layer.ts";
import type { Order } from "./order.ts";
import { MOST_LAYERS } from "./saved-layers.ts";

/** A layer as people name it, and where it is in the graph. */
export interface KerasGraphLayer {
  /** With the models around it, such as `vgg16/block5_conv3`. */
  readonly name: string;
  /** Keras's class, such as `Conv2D`. */
  readonly type: string;
  /** The value that holds its activation. */
  readonly output: string;
  /** Names of its weights; none for a layer that is called again. */
  readonly parameters: readonly string[];
  /** Names of what it measured of the training data. */
  readonly statistics?: readonly string[];
}

/** A graph that is being written from a model. */
export interface Building {
  readonly g: GraphBuilder;
  readonly order: Order;
  readonly saved: SavedKerasModel;
  /** The file, for messages. */
  readonly source: string;
  readonly dialect: Dialect;
  readonly layers: KerasGraphLayer[];
  /** Weights by name, which layers that are called several times share. */
  readonly weights: Map<string, Value>;
}

/** Where a layer stands: the models around it and itself, by the names of their weights and as people are told them. */
export interface Place {
  readonly path: readonly string[];
  readonly title: readonly string[];
}

/** @throws UserError when there are too many */
export function enter({ layers, source }: Building, layer: KerasGraphLayer): void {
  if (layers.length >= MOST_LAYERS) throw new UserError(`${source} has more than ${MOST_LAYERS} layers.`);
  layers.push(layer);
}

export function refusal({ source }: Building, { title }: Place, type: string): (why: string) => UserError {
  const name = title.length > 0 ? `layer "${title.join("/")}"` : "the model";
  return (why) => new UserError(`${source}: ${name} (${type}) ${why}`);
}
