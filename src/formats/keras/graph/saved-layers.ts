import type { UserError } from "../../../base/errors.ts";
import type { KerasObject } from "../saved-model.ts";
import { type Fields, isFields, shown } from "../settings.ts";

/** Far more than any network has; a small file could otherwise ask for a graph without end. */
export const MOST_LAYERS = 10_000;

/** A layer as a file has it; `module` is where Keras 3 has its class from. */
export interface SavedLayer extends KerasObject {
  readonly module?: string | undefined;
}

/** A layer among those of a model, and what else the model says of it. */
export interface NamedLayer extends SavedLayer {
  readonly name: string;
  readonly inboundNodes: unknown;
}

/** Whether a layer holds layers of its own, whatever its class is called. */
export function isModel({ config }: SavedLayer): boolean {
  return Array.isArray(listOf(config));
}

/** Keras 1 has the list itself for the config of a Sequential. */
const listOf = (config: unknown): unknown => (isFields(config) ? config.layers : config);

/** Whether the layers of a model follow one another; else it says how they are connected. */
export function isSequential({ config }: SavedLayer): boolean {
  return !isFields(config) || config.input_layers === undefined;
}

/** @throws UserError when they are none, or two have the same name */
export function layersOf({ config }: SavedLayer, refuse: (why: string) => UserError): NamedLayer[] {
  const list = listOf(config) as readonly unknown[];
  if (list.length > MOST_LAYERS) throw refuse(`has more than ${MOST_LAYERS} layers.`);
  const layers = list.map((layer) => namedLayer(layer, refuse));
  const names = new Set<string>();
  for (const { name } of layers) {
    if (names.has(name)) throw refuse(`has two layers called "${name}".`);
    names.add(name);
  }
  return layers;
}

function namedLayer(layer: unknown, refuse: (why: string) => UserError): NamedLayer {
  const fields: Fields = isFields(layer) ? layer : {};
  const { class_name: type, config, module, inbound_nodes: inboundNodes } = fields;
  const name = fields.name ?? (isFields(config) ? config.name : undefined);
  if (typeof type !== "string" || typeof name !== "string" || name === "")
    throw refuse(`has ${shown(layer)} among its layers, which is none.`);
  return {
    class_name: type,
    config,
    module: typeof module === "string" ? module : undefined,
    name,
    inboundNodes,
  };
}
