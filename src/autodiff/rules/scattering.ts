import { UserError } from "../../base/errors.ts";
import { type Node, staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { zeros } from "../broadcast.ts";
import { attribute, type Rule, type Ruleset } from "../rule.ts";

/** Whether the node adds its updates to what is there (or else writes over it). */
function adds(node: Node): boolean {
  const reduction = attribute(node, "reduction", "none");
  if (reduction !== "none" && reduction !== "add")
    throw new UserError(
      `${node.op} (node "${node.name}") has no gradient for the reduction ${reduction}; none and add have one.`,
    );
  return reduction === "add";
}

/** Added elements are read back where they went; a written-over element has no part in the result. */
const scatterElements: Rule = ({ g, node, inputs, gradients, needs }) => {
  const [, indices, updates] = inputs as [Value, Value, Value];
  const dy = gradients[0]!;
  const axis = attribute(node, "axis", 0);
  const kept = (): Value => op.scatterElements(g, dy, indices, zeros(g, staticShape(updates)), { axis });
  const added = adds(node);
  return [
    needs[0] ? (added ? dy : kept()) : undefined,
    undefined,
    needs[2] ? op.gatherElements(g, dy, indices, axis) : undefined,
  ];
};

const scatterNd: Rule = ({ g, node, inputs, gradients, needs }) => {
  const [, indices, updates] = inputs as [Value, Value, Value];
  const dy = gradients[0]!;
  const kept = (): Value => op.scatterNd(g, dy, indices, zeros(g, staticShape(updates)));
  const added = adds(node);
  return [
    needs[0] ? (added ? dy : kept()) : undefined,
    undefined,
    needs[2] ? op.gatherNd(g, dy, indices) : undefined,
  ];
};

export const scattering: Ruleset = { ScatterElements: scatterElements, ScatterND: scatterNd };
