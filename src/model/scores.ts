import { int64, sizeOf } from "../base/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { type Graph, type Node, producers, renamed, staticShape, type Value } from "../graph/graph.ts";
import { UNNAMED } from "../graph/onnx/schema.ts";
import * as op from "../graph/operators/index.ts";
import { HEATMAP, LABEL, LOGITS, PHOTO, PROBABILITIES, RAW, TARGET } from "./model.ts";

/** Which values of a graph from elsewhere hold its scores. */
export interface Scores {
  /** Score of each class before softmax or sigmoid. */
  readonly logits: string;
  /** What the graph makes of them at its end; undefined where it ends in logits. */
  readonly ending: Ending | undefined;
  /** The output that gives them, and those that could as well. */
  readonly output: string;
  readonly others: readonly string[];
  /** Numbers in a row: 1 for two classes told apart by a sigmoid, else one a class. */
  readonly columns: number;
}

/** A value, and what it is of the logits. */
export interface Ending {
  readonly value: string;
  readonly op: string;
}

/** Two classes may share one number. */
export const classCount = (columns: number): number => (columns === 1 ? 2 : columns);

/** Operators that leave scores as they are, but for their shape. */
const shaping = new Set(["Identity", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Cast"]);
const squashing = new Set(["Softmax", "LogSoftmax", "Sigmoid"]);

/**
 * Finds the scores in a graph whose shapes are known for one picture: its output, or what went into the softmax or sigmoid at
 * its end. Of several outputs that could be scores it is the first of as many classes as are `named`, or else the first. Undefined where
 * there is none, as in networks that give features, or a class for every pixel.
 */
export function findScores(graph: Graph, named?: number): Scores | undefined {
  const fitting = graph.outputs
    .filter((value) => isScores(graph, value.name))
    .map((value) => ({
      ...behind(graph, value),
      output: value.name,
      columns: sizeOf(shapeOf(graph, value.name)),
    }));
  const found = fitting.find(({ columns }) => classCount(columns) === named) ?? fitting[0];
  if (!found) return undefined;
  // Probabilities beside their logits are the same scores.
  const root = rootOf(graph, found.output);
  const others = fitting.map(({ output }) => output).filter((output) => !isMadeOf(graph, output, root));
  return { ...found, others };
}

/** The scores behind what only shapes and squashes them. */
function rootOf(graph: Graph, name: string): string {
  const made = producers(graph);
  let root = name;
  for (let node = made.get(root); node; node = made.get(root)) {
    const [input] = node.inputs as readonly [string];
    if (!(shaping.has(node.op) || squashing.has(node.op)) || !isScores(graph, input)) break;
    root = input;
  }
  return root;
}

/** Whether a value is nothing but other words for scores: it comes from them, and no layer with weights lies between. */
function isMadeOf(graph: Graph, name: string, scores: string): boolean {
  const made = producers(graph);
  const behind = new Set([name]);
  for (const value of behind) {
    const node = made.get(value);
    if (node && !/^(Conv|Gemm|MatMul)$/.test(node.op)) for (const input of node.inputs) behind.add(input);
  }
  return behind.has(scores);
}

/** What an output that could be scores is made from. */
function behind(graph: Graph, output: Value): Pick<Scores, "logits" | "ending"> {
  const made = producers(graph);
  let node: Node | undefined = made.get(output.name);
  while (node && shaping.has(node.op) && isScores(graph, node.inputs[0]!)) node = made.get(node.inputs[0]!);
  if (!node || !squashing.has(node.op)) return { logits: output.name, ending: undefined };
  return { logits: node.inputs[0]!, ending: { value: output.name, op: node.op } };
}

const shapeOf = (graph: Graph, name: string): readonly number[] => staticShape(graph.values.get(name)!);

/** Whether all but one extent are 1, as `[1, K]` and `[1, K, 1, 1]` are. */
function isScores(graph: Graph, name: string): boolean {
  const value = graph.values.get(name);
  if (value?.dtype !== "float32") return false;
  return shapeOf(graph, name).filter((extent) => extent !== 1).length <= 1;
}

/** The graph with its scores as its outputs: `logits` `[N, columns]` and `probabilities` `[N, classes]`. */
export function withScores(graph: Graph, { logits, ending, columns }: Scores): Graph {
  const g = new GraphBuilder(graph);
  const rows = (name: string): Value => {
    const value = g.value(name);
    const { dtype, shape } = value;
    if (shape?.length === 2 && shape[1] === columns) return value;
    // Of one picture some networks squeeze the batch away too.
    const batch = shape?.length === 1 ? 1 : (shape?.[0] ?? UNNAMED);
    const extents = g.constant(int64([2], [-1, columns]));
    return g.node({
      op: "Reshape",
      inputs: [value, extents],
      outputs: [{ dtype, shape: [batch, columns] }],
    })[0]!;
  };
  return g.scope("scores", () => {
    const scores = rows(logits);
    const given = ending && rows(ending.value);
    const both = (): Value => {
      const second = given && ending.op === "Sigmoid" ? given : op.sigmoid(g, scores);
      return op.concat(g, [op.sigmoid(g, op.neg(g, scores)), second], 1);
    };
    const each = (): Value => {
      if (!given) return op.softmax(g, scores);
      return ending.op === "LogSoftmax" ? op.exp(g, given) : given;
    };
    return g.finish(graph.name, { [LOGITS]: scores, [PROBABILITIES]: columns === 1 ? both() : each() });
  });
}

/** What stands behind names that ours take from the graph's own values. */
const OWN = "/own";

/** What a value was called in its file. */
export const nameInFile = (name: string): string => (name.endsWith(OWN) ? name.slice(0, -OWN.length) : name);

/** The graph with the names of what we add to it free: what bears them gets `/own` behind them. */
export function withFreeNames(graph: Graph): Graph {
  const ours = [LOGITS, PROBABILITIES, TARGET, RAW, HEATMAP, PHOTO, LABEL];
  const taken = new Set(ours.filter((name) => graph.values.has(name)));
  if (taken.size === 0) return graph;
  const free = (name: string): string => (taken.has(name) ? name + OWN : name);
  const rename = <T extends { readonly name: string }>(named: T): T => ({ ...named, name: free(named.name) });
  return {
    ...graph,
    inputs: graph.inputs.map(rename),
    outputs: graph.outputs.map(rename),
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(free),
      outputs: node.outputs.map(free),
    })),
    initializers: new Map(
      [...graph.initializers].map(([name, value]) => [free(name), renamed(value, free(name))]),
    ),
    values: new Map([...graph.values].map(([name, value]) => [free(name), rename(value)])),
  };
}
