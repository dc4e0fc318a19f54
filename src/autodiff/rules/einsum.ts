import { UserError } from "../../base/errors.ts";
import { type Node, staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { unbroadcast } from "../broadcast.ts";
import { attribute, type Rule, type Ruleset } from "../rule.ts";

const LETTERS = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const ELLIPSIS = "...";

/** The node's equation with a letter for every axis: those under an ellipsis get letters of their own. */
function labelled(node: Node, ranks: readonly number[]): { terms: string[]; result: string } {
  const equation = attribute(node, "equation", "").replaceAll(" ", "");
  const [left, right] = equation.split("->") as [string, string | undefined];
  const listed = left.split(",");
  // Every ellipsis stands for the same axes, or for extents of 1 in their place.
  const dotted = listed.findIndex((term) => term.includes(ELLIPSIS));
  const covered = dotted < 0 ? 0 : ranks[dotted]! - (listed[dotted]!.length - ELLIPSIS.length);
  const free = LETTERS.filter((letter) => !equation.includes(letter))
    .slice(0, covered)
    .join("");
  const terms = listed.map((term) => term.replace(ELLIPSIS, free));
  for (const [at, term] of terms.entries())
    if (new Set(term).size < term.length)
      throw new UserError(
        `Einsum (node "${node.name}") has no gradient for the equation "${equation}", in which "${listed[at]}" names an axis twice; take the diagonal by other operators.`,
      );
  const once = LETTERS.filter((letter) => left.split(letter).length === 2);
  return { terms, result: right?.replace(ELLIPSIS, free) ?? free + once.join("") };
}

/**
 * An operand's gradient is a sum of the same kind, of `dy` and the other operands: for `ij,jk->ik` they are `ik,jk->ij` and
 * `ij,ik->jk`. An axis that the operand alone has was summed out; along it the gradient is repeated.
 */
const einsum: Rule = ({ g, node, inputs, gradients, needs }) => {
  const operands = inputs as readonly Value[];
  const { terms, result } = labelled(
    node,
    operands.map((operand) => staticShape(operand).length),
  );
  return operands.map((operand, at) => {
    if (!needs[at]) return undefined;
    const factors = [gradients[0]!, ...operands.toSpliced(at, 1)];
    const labels = [result, ...terms.toSpliced(at, 1)];
    const met = [...terms[at]!].filter((label) => labels.some((term) => term.includes(label))).join("");
    const shape = staticShape(operand);
    const product =
      labels.length === 1 && labels[0] === met
        ? factors[0]!
        : op.einsum(g, `${labels.join(",")}->${met}`, ...factors);
    const extents = [...terms[at]!].map((label) =>
      met.includes(label) ? staticShape(product)[met.indexOf(label)]! : 1,
    );
    return op.expand(g, unbroadcast(g, op.reshape(g, product, extents), operand), shape);
  });
};

export const einsums: Ruleset = { Einsum: einsum };
