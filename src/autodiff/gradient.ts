import { UserError } from "../base/errors.ts";
import { float32, sizeOf } from "../base/tensor.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import { type Node, staticShape, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import type { Ruleset } from "./rule.ts";
import { rules as standardRules } from "./rules/index.ts";

export interface GradientOptions {
  /** Weight of each element of `of` in the score, in the shape of `of`; ones unless given. */
  readonly seed?: Value;
  /** Rules that take the place of the exact ones, such as guided backpropagation's. */
  readonly rules?: Ruleset;
}

/**
 * Reverse-mode differentiation as a graph transformation: adds to `g` the gradient of the score `Σ seed · of` with
 * respect to each of `wrt` (inputs, activations or weights), each in the shape of its value. Shapes must be static.
 * A value that the score does not depend on gets zeros.
 * @throws UserError naming the operator and node on the way that has no rule
 */
export function gradient(
  g: GraphBuilder,
  of: Value,
  wrt: readonly Value[],
  { seed, rules = {} }: GradientOptions = {},
): Value[] {
  const path = nodesBetween(g.nodes, wrt, of);
  const reached = new Set(wrt.map((value) => value.name));
  for (const node of path) for (const output of node.outputs) reached.add(output);

  const terms = new Map<string, Value[]>([[of.name, [seed ?? ones(g, of)]]]);
  const gradientOf = (name: string): Value | undefined => {
    const found = terms.get(name);
    if (!found) return undefined;
    const total = op.sum(g, ...found);
    terms.set(name, [total]);
    return total;
  };

  for (const node of path.toReversed()) {
    const gradients = node.outputs.map((name) => (name ? gradientOf(name) : undefined));
    if (gradients.every((value) => value === undefined)) continue;
    const key = node.domain ? `${node.domain}.${node.op}` : node.op;
    const rule = rules[key] ?? standardRules[key];
    if (!rule)
      throw new UserError(
        `There is no gradient rule for the operator ${key} (node "${node.name}"); what does not pass through it still works.`,
      );
    const results = rule({
      g,
      node,
      inputs: node.inputs.map((name) => (name ? g.value(name) : undefined)),
      outputs: node.outputs.filter(Boolean).map((name) => g.value(name)),
      gradients,
      needs: node.inputs.map((name) => reached.has(name)),
    });
    results.forEach((result, index) => {
      const name = node.inputs[index];
      if (!result || !name || !reached.has(name)) return;
      terms.set(name, [...(terms.get(name) ?? []), result]);
    });
  }
  return wrt.map((value) => gradientOf(value.name) ?? zerosLike(g, value));
}

/** Nodes through which `of` depends on any of `wrt`, in running order. */
function nodesBetween(nodes: readonly Node[], wrt: readonly Value[], of: Value): Node[] {
  const after = new Set(wrt.map((value) => value.name));
  const downstream = nodes.filter((node) => {
    const touched = node.inputs.some((name) => after.has(name));
    if (touched) for (const output of node.outputs) if (output) after.add(output);
    return touched;
  });
  const before = new Set([of.name]);
  return downstream
    .toReversed()
    .filter((node) => {
      const leads = node.outputs.some((name) => before.has(name));
      if (leads) for (const input of node.inputs) if (input) before.add(input);
      return leads;
    })
    .toReversed();
}

function ones(g: GraphBuilder, value: Value): Value {
  const shape = staticShape(value);
  return g.constant(float32(shape, new Float32Array(sizeOf(shape)).fill(1)));
}

function zerosLike(g: GraphBuilder, value: Value): Value {
  const shape = staticShape(value);
  return g.constant(float32(shape, new Float32Array(sizeOf(shape))));
}
