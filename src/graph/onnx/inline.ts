import { UserError } from "../../base/errors.ts";
import { type Graph, type Initializer, type Node, renamed, type Value } from "../graph.ts";
import { exchangeGraphs, freeNames, graphsOf, rebind, splitInputs, withGraphs } from "./subgraphs.ts";

type Constants = (name: string) => Initializer | undefined;

/**
 * The graph with the nodes of the branch that is taken in place of every If whose condition is a constant. They keep their
 * names where those are free. Where none is taken it is the same object.
 */
export function inlineBranches(graph: Graph, around: Constants = () => undefined): Graph {
  const constants: Constants = (name) => graph.initializers.get(name) ?? around(name);
  if (!graph.nodes.some((node) => graphsOf(node).length > 0)) return graph;
  const initializers = new Map(graph.initializers);
  const values = new Map(graph.values);
  const nodes = graph.nodes.flatMap((node) => {
    const branch = takenBranch(node, constants);
    if (!branch) return [exchangeGraphs(node, (inner) => inlineBranches(inner, constants))];
    return splice(node, inlineBranches(branch, constants), initializers, values);
  });
  if (nodes.every((node, at) => node === graph.nodes[at])) return graph;
  return { ...graph, nodes, initializers, values };
}

function takenBranch(node: Node, constants: Constants): Graph | undefined {
  if (node.op !== "If" || node.domain) return undefined;
  const condition = constants(node.inputs[0] ?? "");
  if (condition?.dtype !== "bool" || condition.bytes.length !== 1) return undefined;
  const key = condition.bytes[0] ? "then_branch" : "else_branch";
  const branch = node.attributes[key];
  if (branch?.type !== "graph" || branch.value.outputs.length !== node.outputs.length)
    throw new UserError(
      `the If "${node.name}" has no "${key}" of ${node.outputs.length} outputs; export it again.`,
    );
  return branch.value;
}

/** The nodes of `branch` as part of the graph around `node`; its constants and values are added to that graph's. */
function splice(
  node: Node,
  branch: Graph,
  initializers: Map<string, Initializer>,
  values: Map<string, Value>,
): Node[] {
  const { captured } = splitInputs(node);
  const outer = freeNames(graphsOf(node));
  const names = new Map(freeNames([branch]).map((name) => [name, captured[outer.indexOf(name)]!]));
  const made = new Set(branch.nodes.flatMap(({ outputs }) => outputs));
  const relays: Node[] = [];
  branch.outputs.forEach(({ name }, index) => {
    const output = node.outputs[index]!;
    if (!output) return;
    // A name for each output: what is none of the branch's own, or has one already, goes through an Identity.
    if (made.has(name) && !names.has(name)) names.set(name, output);
    else relays.push(identity(name, output));
  });
  const rename = (name: string): string => {
    if (!name) return name;
    const other = names.get(name) ?? free(name, node.name, values);
    names.set(name, other);
    return other;
  };
  for (const [name, initializer] of branch.initializers) {
    const other = rename(name);
    initializers.set(other, renamed(initializer, other));
  }
  for (const name of made) rename(name);
  for (const [name, value] of branch.values) {
    const other = names.get(name);
    if (other !== undefined && !values.get(other)?.shape) values.set(other, { ...value, name: other });
  }
  return [...branch.nodes, ...relays].map((inner) => ({
    ...withGraphs(inner, (graph) => rebind(graph, names)),
    inputs: inner.inputs.map(rename),
    outputs: relays.includes(inner) ? inner.outputs : inner.outputs.map(rename),
  }));
}

const identity = (from: string, to: string): Node => ({
  name: to,
  op: "Identity",
  domain: "",
  inputs: [from],
  outputs: [to],
  attributes: {},
});

/** The name, or if it is taken one under `scope`. */
function free(name: string, scope: string, values: Map<string, Value>): string {
  let other = name;
  for (let count = 0; values.has(other); count++) other = `${scope}/${name}${count ? `_${count}` : ""}`;
  values.set(other, { name: other, dtype: "float32", shape: undefined });
  return other;
}
