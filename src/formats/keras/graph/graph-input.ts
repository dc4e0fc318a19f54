import { UserError } from "../../../base/errors.ts";
import type { GraphBuilder } from "../../../graph/builder.ts";
import type { Value } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import { isFields, shown } from "../settings.ts";
import { referencesOf } from "./calls.ts";
import type { DataFormat } from "./order.ts";
import { isModel, isSequential, layersOf, type NamedLayer, type SavedLayer } from "./saved-layers.ts";

/** What a model takes. */
export interface SavedInput {
  readonly name: string;
  /** Extents after the batch, in Keras's order. */
  readonly extents: readonly number[];
  readonly format: DataFormat;
}

/** The free extent of the batch. */
const BATCH = "N";

/**
 * What a model takes, as its first layer says.
 * @param size for heights and widths that it leaves free
 * @throws UserError when it does not say, or takes several tensors
 */
export function savedInputOf(model: SavedLayer, source: string, size: number): SavedInput {
  const { name, shape } = firstShape(model, source);
  if (!Array.isArray(shape) || shape.length < 2)
    throw new UserError(
      `${source} does not say what its model takes; call the model once with a picture, and save it again.`,
    );
  const [, ...given] = shape as unknown[];
  const channelsFirst = given.length === 3 && isColour(given[0]) && !isColour(given[2]);
  const channels = given.length === 3 ? (channelsFirst ? 0 : 2) : undefined;
  const extents = given.map((extent, axis) => (extent === null && axis !== channels ? size : extent));
  if (!extents.every((extent) => Number.isSafeInteger(extent) && (extent as number) > 0))
    throw new UserError(`${source} takes tensors of ${shown(shape)}, which are no pictures.`);
  return {
    // Names of nodes and weights have a slash in them; this one has not, so it is no other's.
    name: name.replaceAll("/", "_"),
    extents: extents as number[],
    format: channelsFirst ? "channels_first" : "channels_last",
  };
}

const isColour = (extent: unknown): boolean => extent === 1 || extent === 3;

function firstShape(model: SavedLayer, source: string): { name: string; shape: unknown } {
  const config = isFields(model.config) ? model.config : {};
  const layers = layersOf(model, (why) => new UserError(`${source}: the model (${model.class_name}) ${why}`));
  const named = new Set(referencesOf(config.input_layers).map(({ layer }) => layer));
  const inputs = isSequential(model) ? layers.slice(0, 1) : layers.filter(({ name }) => named.has(name));
  const [first, ...others] = inputs;
  if (!first || others.length > 0)
    throw new UserError(
      `${source} takes ${inputs.length} inputs (${inputs.map(({ name }) => name).join(", ")}); a network that takes one picture is needed.`,
    );
  return isModel(first)
    ? firstShape(first, source)
    : { name: inputName(first), shape: shapeOf(first, config) };
}

const inputName = ({ class_name: type, name }: NamedLayer): string =>
  type === "InputLayer" ? name : `${name}_input`;

/** With the batch; Keras 2 calls it `batch_input_shape`, Keras 3 `batch_shape`, or `build_input_shape` of the whole model. */
function shapeOf({ config }: NamedLayer, model: Readonly<Record<string, unknown>>): unknown {
  const own = isFields(config) ? config : {};
  return own.batch_input_shape ?? own.batch_shape ?? model.build_input_shape;
}

/**
 * The graph's input, `[N, C, H, W]` whatever Keras's order, and the model's tensor as it is held. Pictures that are grey to a
 * model by having no channels, `[N, H, W]`, have one in the graph.
 */
export function writeInput(g: GraphBuilder, { name, extents, format }: SavedInput): Value {
  if (extents.length === 2) {
    const [height, width] = extents as [number, number];
    return op.squeeze(g, g.input(name, "float32", [BATCH, 1, height, width]), [1]);
  }
  const picture = extents.length === 3 && format === "channels_last";
  const [height, width, channels] = extents as [number, number, number];
  return g.input(name, "float32", [BATCH, ...(picture ? [channels, height, width] : extents)]);
}
