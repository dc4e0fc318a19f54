import { UserError } from "../../base/errors.ts";
import type { Graph, Node } from "../graph.ts";
import { freeNames, graphsOf, withGraphs } from "./subgraphs.ts";

/**
 * A graph as a file has it, brought into the form of ours: nodes in an order in which they can run, with what their graphs
 * read from around them as their last inputs.
 * @param around whether a value is known where the graph stands
 * @throws UserError that names the culprit: a value that is made twice, or by nobody, or out of itself
 */
export function arrange(graph: Graph, around: (name: string) => boolean = () => false): Graph {
  const makers = new Map<string, Node | undefined>();
  const declare = (name: string, node?: Node): void => {
    if (makers.has(name)) throw new UserError(`the value "${name}" is made twice; export the model again.`);
    makers.set(name, node);
  };
  for (const { name } of graph.inputs) declare(name);
  for (const name of graph.initializers.keys()) declare(name);
  const names = graph.nodes.flatMap((node) => node.outputs.filter(Boolean));
  const known = new Set([...makers.keys(), ...names]);
  const visible = (name: string): boolean => known.has(name) || around(name);
  const nodes = graph.nodes.map((node) => {
    const closed = withGraphs(node, (inner) => arrange(inner, visible));
    return { ...closed, inputs: [...closed.inputs, ...freeNames(graphsOf(closed))] };
  });
  for (const node of nodes) for (const name of node.outputs) if (name) declare(name, node);
  for (const node of nodes)
    for (const name of node.inputs)
      if (name && !visible(name))
        throw new UserError(
          `the node "${node.name}" (${node.op}) reads "${name}", which nothing makes; export the model again.`,
        );
  const lost = graph.outputs.find(({ name }) => !visible(name));
  if (lost) throw new UserError(`nothing makes its output "${lost.name}"; export the model again.`);
  return { ...graph, nodes: inOrder(nodes, makers) };
}

/** Nodes after those whose outputs they read; those of a file that keeps to the format stay as they are. */
function inOrder(nodes: readonly Node[], makers: ReadonlyMap<string, Node | undefined>): Node[] {
  const placed = new Set<Node>();
  const open = new Set<Node>();
  for (const first of nodes) {
    // Not by recursion: a chain of nodes may be longer than the stack is deep.
    const path = placed.has(first) ? [] : [{ node: first, next: 0 }];
    for (let step = path.at(-1); step; step = path.at(-1)) {
      const { node } = step;
      open.add(node);
      const name = node.inputs[step.next++];
      if (name === undefined) {
        path.pop();
        open.delete(node);
        placed.add(node);
        continue;
      }
      const maker = makers.get(name);
      if (!maker || placed.has(maker)) continue;
      if (open.has(maker))
        throw new UserError(`the value "${name}" is made out of itself; export the model again.`);
      path.push({ node: maker, next: 0 });
    }
  }
  return [...placed];
}
