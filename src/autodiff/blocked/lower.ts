import { GraphBuilder } from "../../graph/builder.ts";
import { type Graph, type Node, staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import type { FusedBlock } from "../fused.ts";
import { attribute } from "../rule.ts";
import { convReluPool } from "./conv-relu-pool.ts";
import { imageConvReluPool } from "./image-conv-relu-pool.ts";

export interface Lowered {
  readonly graph: Graph;
  /** What `gradient` is to treat as one. */
  readonly fused: readonly FusedBlock[];
}

/** A convolution, ReLU and 2×2 max pooling that nothing else looks into. */
interface Match {
  readonly conv: Node;
  readonly relu: Node;
  readonly pool: Node;
}

/**
 * Rewrites every `Conv → Relu → MaxPool 2×2` of a graph of static shapes for blocked channels, to the same values.
 * Values in between keep no name.
 * @param block channels in a block, as the engine says
 */
export function lowerToBlocks(graph: Graph, block: number): Lowered {
  const matches = new Map(findMatches(graph, block).map((match) => [match.pool.name, match]));
  if (matches.size === 0) return { graph, fused: [] };
  const inside = new Set(
    [...matches.values()].flatMap(({ conv, relu, pool }) => [conv.name, relu.name, pool.name]),
  );
  const g = new GraphBuilder({ ...graph, nodes: [] });
  const fused: FusedBlock[] = [];
  const blocked = new Map<string, Value>();
  const rest = graph.nodes.filter((node) => !inside.has(node.name) || matches.has(node.name));
  const readByOthers = new Set(
    graph.nodes.filter((node) => !inside.has(node.name)).flatMap((node) => node.inputs),
  );
  for (const node of rest) {
    const match = matches.get(node.name);
    if (!match) {
      g.append(node);
      continue;
    }
    const [xName, wName, bName] = match.conv.inputs as [string, string, string];
    const output = node.outputs[0]!;
    const value = g.scope(`${output}/blocked`, () => {
      const [w, b] = [g.value(wName), g.value(bName)];
      const few = staticShape(w)[1]! < block;
      const x = few ? g.value(xName) : (blocked.get(xName) ?? op.reorderInput(g, g.value(xName)));
      const start = g.nodes.length;
      const made = (few ? imageConvReluPool : convReluPool)(g, x, w, b, block);
      fused.push({ ...made, values: new Set(g.nodes.slice(start).map(({ outputs }) => outputs[0]!)) });
      return made.output;
    });
    blocked.set(output, value);
    if (readByOthers.has(output) || graph.outputs.some(({ name }) => name === output))
      g.append({
        name: `${output}/plain`,
        op: "ReorderOutput",
        domain: "com.microsoft.nchwc",
        inputs: [value.name],
        outputs: [output],
        attributes: { channels: { type: "int", value: staticShape(value)[1]! } },
      });
  }
  const outputs = Object.fromEntries(graph.outputs.map((value) => [value.name, value]));
  return { graph: g.finish(graph.name, outputs), fused };
}

function findMatches(graph: Graph, block: number): Match[] {
  const uses = new Map<string, Node[]>();
  for (const node of graph.nodes)
    for (const name of node.inputs) uses.set(name, [...(uses.get(name) ?? []), node]);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const onlyUse = (node: Node): Node | undefined => {
    const [name] = node.outputs as [string];
    const users = uses.get(name) ?? [];
    return users.length === 1 && !outputs.has(name) ? users[0] : undefined;
  };
  return graph.nodes.flatMap((conv) => {
    const relu =
      conv.op === "Conv" && conv.domain === "" && fits(graph, conv, block) ? onlyUse(conv) : undefined;
    const pool = relu?.op === "Relu" ? onlyUse(relu) : undefined;
    return relu && pool && isSquarePool(pool) ? [{ conv, relu, pool }] : [];
  });
}

/** Whether it is a plain convolution with a bias, a square kernel, and channels in whole blocks (or few, from the input). */
function fits(graph: Graph, conv: Node, block: number): boolean {
  const [xName, wName, bName] = conv.inputs as [string, string, string | undefined];
  const shape = graph.values.get(wName)?.shape as readonly number[] | undefined;
  if (!bName || shape?.length !== 4) return false;
  const [outputs, inputs, height, width] = shape as [number, number, number, number];
  const plain =
    attribute<readonly number[]>(conv, "strides", [1, 1]).every((stride) => stride === 1) &&
    attribute<readonly number[]>(conv, "dilations", [1, 1]).every((dilation) => dilation === 1) &&
    attribute<readonly number[]>(conv, "pads", [0, 0, 0, 0]).every((pad) => pad === 0) &&
    attribute(conv, "auto_pad", "NOTSET") === "NOTSET" &&
    attribute(conv, "group", 1) === 1;
  const channels =
    inputs % block === 0 || (inputs < block && graph.inputs.some(({ name }) => name === xName));
  return plain && channels && outputs % block === 0 && height === width;
}

function isSquarePool(node: Node): boolean {
  return (
    node.op === "MaxPool" &&
    node.outputs.length === 1 &&
    String(attribute<readonly number[]>(node, "kernel_shape", [])) === "2,2" &&
    String(attribute<readonly number[]>(node, "strides", [1, 1])) === "2,2" &&
    attribute<readonly number[]>(node, "pads", [0, 0, 0, 0]).every((pad) => pad === 0) &&
    attribute<readonly number[]>(node, "dilations", [1, 1]).every((dilation) => dilation === 1) &&
    attribute(node, "auto_pad", "NOTSET") === "NOTSET" &&
    attribute(node, "ceil_mode", 0) === 0
  );
}
