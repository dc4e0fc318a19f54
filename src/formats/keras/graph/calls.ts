import type { UserError } from "../../../base/errors.ts";
import { type Fields, isFields, shown } from "../settings.ts";

/** A tensor of a functional model: what comes out of a call of a layer. */
export interface Reference {
  readonly layer: string;
  /** Which of the layer's calls. */
  readonly node: number;
  /** Which of the call's tensors. */
  readonly tensor: number;
}

/** What stands in a file as an argument of a call. */
export type SavedArgument =
  | { readonly kind: "reference"; readonly reference: Reference }
  | { readonly kind: "list"; readonly items: readonly SavedArgument[] }
  | { readonly kind: "constant"; readonly value: unknown };

export interface SavedCall {
  /** 2 for Keras 2 and TensorFlow.js; they count calls of models in another way than Keras 3. */
  readonly version: 2 | 3;
  readonly args: readonly SavedArgument[];
  readonly kwargs: Readonly<Record<string, SavedArgument>>;
}

/** Keras 2's word for an operation whose first argument is a number. */
const CONSTANT = "_CONSTANT_VALUE";

const constant = (value: unknown): SavedArgument => ({ kind: "constant", value });

/** `[layer, node, tensor]`, and in Keras 2 the call's other arguments behind it. */
function referenceOf(value: unknown): Reference | undefined {
  if (!Array.isArray(value)) return undefined;
  const [layer, node, tensor] = value;
  const counts = Number.isSafeInteger(node) && Number.isSafeInteger(tensor);
  return typeof layer === "string" && layer !== CONSTANT && counts ? { layer, node, tensor } : undefined;
}

/** All references in a model's list of inputs or outputs, which may be one, a list, or named. */
export function referencesOf(list: unknown): Reference[] {
  const reference = referenceOf(list);
  if (reference) return [reference];
  const parts = isFields(list) ? Object.values(list) : Array.isArray(list) ? list : [];
  return parts.flatMap(referencesOf);
}

/**
 * The calls of a layer, from its `inbound_nodes`: lists of tensors in Keras 2 and TensorFlow.js, arguments in Keras 3.
 * @param refuse names the layer
 * @throws UserError when they are neither
 */
export function savedCalls(nodes: unknown, refuse: (why: string) => UserError): SavedCall[] {
  if (!Array.isArray(nodes)) throw refuse("has no list of what it is called with.");
  return nodes.map((node) => {
    if (isFields(node)) return callOfKeras3(node);
    const call = Array.isArray(node) ? callOfKeras2(node) : undefined;
    if (!call) throw refuse(`is called with ${shown(node)}, which names no tensors.`);
    return call;
  });
}

function callOfKeras3({ args, kwargs }: Fields): SavedCall {
  return {
    version: 3,
    args: (Array.isArray(args) ? args : []).map(argumentOfKeras3),
    kwargs: mapped(isFields(kwargs) ? kwargs : {}, argumentOfKeras3),
  };
}

function argumentOfKeras3(value: unknown): SavedArgument {
  if (Array.isArray(value)) return { kind: "list", items: value.map(argumentOfKeras3) };
  if (!isFields(value)) return constant(value);
  const config = isFields(value.config) ? value.config : {};
  const reference = value.class_name === "__keras_tensor__" ? referenceOf(config.keras_history) : undefined;
  if (reference) return { kind: "reference", reference };
  if (value.class_name === "__tuple__" && Array.isArray(value.items)) return argumentOfKeras3(value.items);
  return constant(value);
}

function callOfKeras2(node: readonly unknown[]): SavedCall | undefined {
  // A single tensor stands without a list around it.
  const tensors = typeof node[0] === "string" ? [node] : node;
  const items = tensors.map((tensor) => {
    const reference = referenceOf(tensor);
    if (reference) return { kind: "reference", reference } as const;
    return Array.isArray(tensor) && tensor[0] === CONSTANT ? constant(tensor[2]) : undefined;
  });
  if (items.length === 0 || items.includes(undefined)) return undefined;
  const [first] = tensors as [readonly unknown[]];
  const known = items as [SavedArgument, ...SavedArgument[]];
  return {
    version: 2,
    args: known.length === 1 ? known : [{ kind: "list", items: known }],
    kwargs: mapped(isFields(first[3]) ? first[3] : {}, argumentOfKeras2),
  };
}

function argumentOfKeras2(value: unknown): SavedArgument {
  const reference = referenceOf(value);
  if (reference) return { kind: "reference", reference };
  return Array.isArray(value) && value.some((item) => referenceOf(item))
    ? { kind: "list", items: value.map(argumentOfKeras2) }
    : constant(value);
}

function mapped<T>(fields: Fields, map: (value: unknown) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, map(value)]));
}
