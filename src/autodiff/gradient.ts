import { UserError } from "../base/errors.ts";
import { float32, sizeOf } from "../base/tensor.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import { type Node, staticShape, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { between } from "./between.ts";
import type { FusedBlock } from "./fused.ts";
import { operatorOf, type Ruleset } from "./rule.ts";
import { rules as standardRules } from "./rules/index.ts";

export interface GradientOptions {
  /** Weight of each element of `of` in the score, in the shape of `of`; ones unless given. */
  readonly seed?: Value;
  /** Rules that take the place of the exact ones, such as guided backpropagation's. */
  readonly rules?: Ruleset;
  /** Parts of the graph that are differentiated as one. */
  readonly fused?: readonly FusedBlock[];
}

/** A node, or a fused block of them: what it reads and makes, and how gradients pass back through it. */
interface Step {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  backward(
    gradients: readonly (Value | undefined)[],
    needs: readonly boolean[],
  ): readonly (Value | undefined)[];
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
  { seed, rules = {}, fused = [] }: GradientOptions = {},
): Value[] {
  const path = between(stepsOf(g, { ...standardRules, ...rules }, fused), wrt, of);
  const reached = new Set(wrt.map((value) => value.name));
  for (const step of path) for (const output of step.outputs) reached.add(output);

  const terms = new Map<string, Value[]>([[of.name, [seed ?? ones(g, of)]]]);
  const gradientOf = (name: string): Value | undefined => {
    const found = terms.get(name);
    if (!found) return undefined;
    const total = op.sum(g, ...found);
    terms.set(name, [total]);
    return total;
  };

  for (const step of path.toReversed()) {
    const gradients = step.outputs.map((name) => (name ? gradientOf(name) : undefined));
    if (gradients.every((value) => value === undefined)) continue;
    const needs = step.inputs.map((name) => reached.has(name));
    for (const [index, result] of step.backward(gradients, needs).entries()) {
      const name = step.inputs[index];
      if (result && name && needs[index]) terms.set(name, [...(terms.get(name) ?? []), result]);
    }
  }
  return wrt.map((value) => gradientOf(value.name) ?? zerosLike(g, value));
}

/** The graph so far as steps in running order; a fused block stands where its output is made. */
function stepsOf(g: GraphBuilder, rules: Ruleset, fused: readonly FusedBlock[]): Step[] {
  const blocks = new Map(fused.map((block) => [block.output.name, block]));
  const inside = new Set(fused.flatMap((block) => [...block.values]));
  return g.nodes.flatMap((node): Step[] => {
    const block = blocks.get(node.outputs[0]!);
    if (block)
      return [
        {
          inputs: block.inputs.map(({ name }) => name),
          outputs: [block.output.name],
          backward: ([dy], needs) => block.gradient(g, dy!, needs),
        },
      ];
    return inside.has(node.outputs[0]!) ? [] : [stepOf(g, rules, node)];
  });
}

function stepOf(g: GraphBuilder, rules: Ruleset, node: Node): Step {
  const key = operatorOf(node);
  return {
    inputs: node.inputs,
    outputs: node.outputs,
    backward(gradients, needs) {
      const rule = rules[key];
      if (!rule)
        throw new UserError(
          `There is no gradient rule for the operator ${key} (node "${node.name}"); what does not pass through it still works.`,
        );
      return rule({
        g,
        node,
        inputs: node.inputs.map((name) => (name ? g.value(name) : undefined)),
        outputs: node.outputs.filter(Boolean).map((name) => g.value(name)),
        gradients,
        needs,
      });
    },
  };
}

function ones(g: GraphBuilder, value: Value): Value {
  const shape = staticShape(value);
  return g.constant(float32(shape, new Float32Array(sizeOf(shape)).fill(1)));
}

function zerosLike(g: GraphBuilder, value: Value): Value {
  const shape = staticShape(value);
  return g.constant(float32(shape, new Float32Array(sizeOf(shape))));
}
