import { type Graph, type Initializer, initializerOf, type Node } from "../../graph.ts";
import { exchangeGraphs } from "../subgraphs.ts";
import { toInputsUpgrades } from "./inputs.ts";
import { normalizationUpgrades } from "./normalization.ts";
import { resizeUpgrades } from "./resize.ts";
import { retiredUpgrades } from "./retired.ts";
import { softmaxUpgrades } from "./softmax.ts";
import type { Surroundings, Upgrade } from "./upgrade.ts";

/** What changed between operator sets 7 and 18, beyond the types that an operator takes and what it may be told besides. */
export const upgrades: ReadonlyMap<string, readonly Upgrade[]> = new Map(
  Object.entries({
    ...toInputsUpgrades,
    ...normalizationUpgrades,
    ...resizeUpgrades,
    ...retiredUpgrades,
    ...softmaxUpgrades,
  }),
);

type Constants = (name: string) => Initializer | undefined;

/**
 * The graph of a file of operator set `opset` in the forms of the set that ours are written in.
 * @throws UserError when a node does what the operator no longer can
 */
export function upgrade(graph: Graph, opset: number, around: Constants = () => undefined): Graph {
  const initializers = new Map(graph.initializers);
  const values = new Map(graph.values);
  const constants: Constants = (name) => initializers.get(name) ?? around(name);
  const read = new Set([
    ...graph.nodes.flatMap(({ inputs }) => inputs),
    ...graph.outputs.map(({ name }) => name),
  ]);
  const fresh = (node: Node, role: string): string => {
    const stem = `${node.outputs.find(Boolean) ?? node.name}/${role}`;
    let name = stem;
    for (let count = 1; values.has(name); count++) name = `${stem}_${count}`;
    values.set(name, { name, dtype: "float32", shape: undefined });
    return name;
  };
  const surroundings: Surroundings = {
    constant(node, role, tensor) {
      const name = fresh(node, role);
      initializers.set(name, initializerOf(name, tensor));
      values.set(name, { name, dtype: tensor.dtype, shape: tensor.shape });
      return name;
    },
    value: fresh,
    shape: (name) => values.get(name)?.shape,
    constantOf: constants,
    isRead: (name) => read.has(name),
  };
  const nodes = graph.nodes.flatMap((node) => {
    const inner = exchangeGraphs(node, (branch) => upgrade(branch, opset, constants));
    const changes = (!node.domain && upgrades.get(node.op)) || [];
    return changes
      .filter(({ since }) => opset < since)
      .reduce<readonly Node[]>(
        (all, { rewrite }) =>
          all.flatMap((each) => (each.op === node.op ? rewrite(each, surroundings) : [each])),
        [inner],
      );
  });
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  for (const name of graph.nodes.flatMap(({ outputs }) => outputs)) if (!made.has(name)) values.delete(name);
  return { ...graph, nodes, initializers, values };
}
