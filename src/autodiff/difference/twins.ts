import type { GraphBuilder } from "../../graph/builder.ts";
import type { Node, Value } from "../../graph/graph.ts";
import { between } from "../between.ts";
import { expansions } from "./expansions.ts";

/** A value of the network run on a picture, and the same value of it run on the reference. */
export interface Pair {
  readonly value: Value;
  readonly reference: Value;
}

/** A network run on two inputs in one graph, its weights shared. */
export interface Twins {
  /** What was asked for, in both. */
  readonly of: Pair;
  /** What a value on the way to it is with the reference; itself where it does not depend on the input. */
  referenceOf(value: Value): Value;
}

/**
 * Adds to the graph under `g` the nodes between `input` and `of` once more, for the `reference` in the place of the input. Operators
 * that have an expansion are written out in both.
 */
export function twins(g: GraphBuilder, of: Value, { value: input, reference }: Pair): Twins {
  const values = new Map([[input.name, input]]);
  const references = new Map([[input.name, reference]]);
  const pairs = new Map([[input.name, reference]]);
  const read = (name: string, from: ReadonlyMap<string, Value>): Value | undefined =>
    name ? (from.get(name) ?? g.value(name)) : undefined;
  for (const node of between(g.nodes, [input], of)) {
    const expand = expansions[node.op];
    const write = (scope: string, from: Map<string, Value>): readonly Node[] => {
      const start = g.nodes.length;
      const inputs = node.inputs.map((name) => read(name, from));
      const outputs = g.scope(scope, () => (expand ? [expand(g, node, inputs)] : copied(g, node, inputs)));
      for (const [at, name] of node.outputs.entries()) if (name && outputs[at]) from.set(name, outputs[at]);
      return g.nodes.slice(start);
    };
    const asItIs = !expand && node.inputs.every((name) => !name || read(name, values)!.name === name);
    const own = asItIs ? [node] : write("picture", values);
    const others = write("reference", references);
    for (const [at, { outputs }] of own.entries())
      for (const [index, name] of outputs.entries())
        if (name) pairs.set(name, g.value(others[at]!.outputs[index]!));
  }
  const referenceOf = (value: Value): Value => pairs.get(value.name) ?? value;
  const value = values.get(of.name) ?? of;
  return { of: { value, reference: referenceOf(value) }, referenceOf };
}

/** The node on other inputs. */
function copied(
  g: GraphBuilder,
  { op, domain, outputs, attributes }: Node,
  inputs: (Value | undefined)[],
): Value[] {
  const last = outputs.findLastIndex(Boolean);
  const shapes = outputs.slice(0, last + 1).map((name) => (name ? g.value(name) : UNUSED));
  return g.node({ op, domain, inputs, attributes, outputs: shapes });
}

/** An output that is left out between others; asking for it does no harm. */
const UNUSED = { dtype: "float32", shape: undefined } as const;
