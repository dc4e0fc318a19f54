import type { Tensor } from "../../../base/tensor.ts";
import type { Attribute, Attributes, Initializer, Node, Shape } from "../../graph.ts";

/** Brings a node from before operator set `since` to the form that it has from there on; without end, to the form that is ours. */
export interface Upgrade {
  readonly since: number;
  readonly rewrite: (node: Node, around: Surroundings) => readonly Node[];
}

/** The changes of each operator, in the order in which they came. */
export type Upgrades = Readonly<Record<string, readonly Upgrade[]>>;

/** What a rewrite may know of the graph and add to it. */
export interface Surroundings {
  /** Adds a constant; its name. */
  constant(node: Node, role: string, tensor: Tensor): string;
  /** The name of a new value between nodes. */
  value(node: Node, role: string): string;
  shape(name: string): Shape | undefined;
  constantOf(name: string): Initializer | undefined;
  /** Whether anything reads the value. */
  isRead(name: string): boolean;
}

type AttributeValue<T> = Attribute extends infer A
  ? A extends { readonly type: T; readonly value: infer V }
    ? V
    : never
  : never;

/** The value of the node's attribute if it has one of that name and type. */
export function attribute<T extends Attribute["type"]>(
  node: Node,
  name: string,
  type: T,
): AttributeValue<T> | undefined {
  const found = node.attributes[name];
  return found?.type === type ? (found.value as AttributeValue<T>) : undefined;
}

export const without = (attributes: Attributes, ...names: string[]): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([key]) => !names.includes(key)));

/** A node that does a part of what was one; it is named after its output. */
export const part = (
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Attributes = {},
): Node => ({ name: output, op, domain: "", inputs, outputs: [output], attributes });
