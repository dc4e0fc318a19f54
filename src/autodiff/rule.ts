import type { GraphBuilder } from "../graph/builder.ts";
import type { Node, Value } from "../graph/graph.ts";

/** What a gradient rule works with: a node of the forward graph and what is known of the gradient so far. */
export interface RuleContext {
  /** Where the rule writes its nodes. */
  readonly g: GraphBuilder;
  readonly node: Node;
  /** The node's inputs; `undefined` where an optional one is left out. */
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  /** Gradient of the score with respect to each output; `undefined` where the score does not depend on it. */
  readonly gradients: readonly (Value | undefined)[];
  /** Which inputs' gradients are wanted. */
  readonly needs: readonly boolean[];
}

/** The gradient with respect to each input (in the input's own shape), or `undefined` for one that has none. */
export type Rule = (context: RuleContext) => readonly (Value | undefined)[];

/** A table of rules by operator; domain-qualified for operators that are not ONNX's own. */
export type Ruleset = Readonly<Record<string, Rule>>;

/** What tables of rules call the node's operator. */
export const operatorOf = ({ op, domain }: Node): string => (domain ? `${domain}.${op}` : op);

type AttributeValue<T> = T extends number ? number : T extends string ? string : T;

/** The attribute's value, or the operator's default where the node leaves it out. */
export function attribute<T extends number | string | readonly number[]>(
  node: Node,
  name: string,
  fallback: T,
): AttributeValue<T> {
  return (node.attributes[name]?.value ?? fallback) as AttributeValue<T>;
}
