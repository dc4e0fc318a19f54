import type { GraphBuilder } from "../../graph/builder.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { gradient } from "../gradient.ts";
import { number } from "../pointwise.ts";
import type { Rule, RuleContext, Ruleset } from "../rule.ts";
import { type LinearLayer, linearLayers } from "./linear-layer.ts";
import type { LayerRule } from "./share.ts";
import { pass, steps } from "./steps.ts";

/**
 * Layer-wise relevance propagation (Bach et al. 2015) as a graph transformation: adds to `g` what each element of `x` has to do with the
 * relevance of `of`, in the shape of `x`. It is the walk of `gradient` with relevance in the place of gradients: at layers with weights by
 * the rule chosen, else by `steps`.
 * @param start relevance of each element of `of`, in its shape; the score is its sum
 * @param seed weight of each element of `of` in the score, in its shape. A single unit that counts against it is the unit of its opposite: its
 * layer's weights and bias have the other sign. Where there are several, those that count against the score keep their weights.
 * @throws UserError naming the operator and node on the way that has no rule
 */
export function relevance(
  g: GraphBuilder,
  of: Value,
  x: Value,
  {
    start,
    seed,
    ruleOf,
  }: { readonly start: Value; readonly seed: Value; readonly ruleOf: (layer: LinearLayer) => LayerRule },
): Value {
  const layers = linearLayers(g, dependents(g, [x.name]), of);
  const fused = layers.map((layer) => ({
    values: layer.values,
    inputs: [layer.x],
    output: layer.y,
    gradient: (_: GraphBuilder, r: Value) => [
      isSingle(layer) && layer === layers.at(-1)
        ? ofEitherSign(ruleOf(layer), layer, r, seed)
        : ruleOf(layer)(layer, r),
    ],
  }));
  const behind = dependents(
    g,
    layers.map(({ y }) => y.name),
  );
  return gradient(g, of, [x], { seed: start, rules: preparing(behind), fused })[0]!;
}

/** Whether it gives one number a picture. */
const isSingle = ({ y }: LinearLayer): boolean =>
  staticShape(y)
    .slice(1)
    .every((extent) => extent === 1);

function ofEitherSign(rule: LayerRule, layer: LinearLayer, r: Value, seed: Value): Value {
  const { g, w, b, y } = layer;
  const opposite = { ...layer, w: op.neg(g, w), b: b && op.neg(g, b), y: op.neg(g, y) };
  const against = op.less(g, op.reshape(g, seed, staticShape(y)), number(g, 0));
  const nothing = number(g, 0);
  return op.add(
    g,
    rule(layer, op.where(g, against, nothing, r)),
    rule(opposite, op.where(g, against, r, nothing)),
  );
}

/**
 * The steps, but for those that prepare the picture before the first layer: their numbers have no share, as what they make stands for the
 * picture itself.
 */
function preparing(behind: ReadonlySet<string>): Ruleset {
  const prepares = ({ node, needs }: RuleContext): boolean =>
    !behind.has(node.outputs[0]!) && needs.filter(Boolean).length === 1;
  const rules = ["Add", "Sub"].map((operator) => {
    const rule: Rule = (context) => (prepares(context) ? pass : steps[operator]!)(context);
    return [operator, rule] as const;
  });
  return { ...steps, ...Object.fromEntries(rules) };
}

/** Names of all values that depend on any of `names`, these among them. */
function dependents(g: GraphBuilder, names: readonly string[]): Set<string> {
  const found = new Set(names);
  for (const { inputs, outputs } of g.nodes)
    if (inputs.some((name) => found.has(name))) for (const output of outputs) if (output) found.add(output);
  return found;
}
