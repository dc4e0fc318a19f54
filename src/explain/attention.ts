import { attended, byHeads, queryHeads } from "../autodiff/attention.ts";
import { UserError } from "../base/errors.ts";
import { float32 } from "../base/tensor.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import { type Graph, type Node, producers, staticShape, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { activationNames } from "../model/dataflow.ts";
import { type Grid, gridFor, gridOf } from "../model/grid.ts";
import { reachIn } from "../model/reach.ts";
import type { GraphContext } from "./method.ts";

/** How much each token of a picture looks at each other, in every layer that has tokens look. */
export interface Attention {
  /** In running order, `[N, heads, T, T]`: rows look at columns, and sum to 1. */
  readonly weights: readonly Value[];
  /** Of these the gradient of the score, in their shapes. */
  gradients(): readonly Value[];
  /** The map `[N, h, w]` of what `relevance` `[N, T, T]` says of the tokens that the score is read from: the mean of their rows. */
  map(relevance: Value): Value;
}

/** Each token looking at itself alone, `[T, T]`. */
export function identity(g: GraphBuilder, tokens: number): Value {
  const values = Float32Array.from({ length: tokens ** 2 }, (_, at) => Number(at % (tokens + 1) === 0));
  return g.constant(float32([tokens, tokens], values));
}

/** Nodes that pass attention weights on as they are. */
const passing = /^(Cast|Dropout|Identity|Reshape)$/;

/**
 * Finds the attention among the tokens of a picture: each product of a softmax's rows with an activation, and each Attention node.
 * @throws UserError where there is none, or not all of it is among the same tokens, as in windows of the picture
 */
export function attentionIn(context: GraphContext, method: string): Attention {
  const { g, graph, input } = context;
  const [batch, , height, width] = staticShape(input) as [number, number, number, number];
  const found = lookingIn(graph);
  const weights = found.map(({ node, fused }) =>
    fused ? attended(g, node, inputsOf(g, node)).p : g.value(node.outputs[0]!),
  );
  const maps = weights.map((value) => byPicture(g, value, batch));
  const tokens = maps[0] && staticShape(maps[0]).at(-1)!;
  const grid = tokens && gridFor([tokens, 1], { height, width });
  if (!tokens || !grid || maps.some((value) => !isAmong(value, batch, tokens)))
    throw new UserError(
      `${method} explains vision transformers, whose tokens look at the whole picture; in "${graph.name}" ${found.length === 0 ? "there is no such attention" : "attention is not of that kind"}, take grad-cam or integrated-gradients.`,
    );
  return {
    weights: maps,
    gradients: () =>
      context.gradient(found.map(({ node }) => g.value(node.outputs[0]!))).map((slope, at) => {
        const { node, fused } = found[at]!;
        // P's gradient is that of the output times the values.
        const own = fused
          ? op.fusedMatMul(g, byHeads(g, slope, queryHeads(node)), attended(g, node, inputsOf(g, node)).v, {
              transB: true,
            })
          : slope;
        return byPicture(g, own, batch);
      }),
    map: (relevance) => read(g, relevance, grid, scoredRows(graph, found.at(-1)!.node, grid)),
  };
}

/** A node whose first output, or inside, has tokens look at each other. */
interface Looking {
  readonly node: Node;
  readonly fused: boolean;
}

function lookingIn(graph: Graph): Looking[] {
  const made = producers(graph);
  const activations = activationNames(graph);
  return graph.nodes.flatMap((node): Looking[] => {
    if (node.op === "Attention" && node.domain === "") return [{ node, fused: true }];
    if (!/MatMul$/.test(node.op) || !node.inputs.every((name) => activations.has(name))) return [];
    let source = made.get(node.inputs[0]!);
    while (source && passing.test(source.op)) source = made.get(source.inputs[0]!);
    return source?.op === "Softmax" ? [{ node: source, fused: false }] : [];
  });
}

const inputsOf = (g: GraphBuilder, node: Node): (Value | undefined)[] =>
  node.inputs.map((name) => (name ? g.value(name) : undefined));

/** `[N · heads, T, T]` as `[N, heads, T, T]`. */
function byPicture(g: GraphBuilder, value: Value, batch: number): Value {
  const shape = staticShape(value);
  if (shape.length !== 3 || shape[0]! % batch !== 0) return value;
  return op.reshape(g, value, [batch, shape[0]! / batch, ...shape.slice(1)]);
}

function isAmong(value: Value, batch: number, tokens: number): boolean {
  const [first, , rows, columns] = staticShape(value);
  return first === batch && rows === tokens && columns === tokens;
}

/** The tokens that the score is read from: the class token, with that of a distillation, where it is read from no other; or the places. */
function scoredRows(graph: Graph, last: Node, { skip, height, width }: Grid): [from: number, to: number] {
  const behind = graph.nodes.slice(graph.nodes.indexOf(last) + 1).flatMap(({ outputs }) => outputs);
  const sequence = behind.findLast((name) => {
    const grid = gridOf(graph, name);
    return grid?.layout === "NTC" && grid.skip === skip;
  });
  const placesMatter = !sequence || reachIn(graph).matters(sequence, gridOf(graph, sequence)!);
  return placesMatter ? [skip, skip + height * width] : [0, skip === 2 ? 2 : 1];
}

function read(g: GraphBuilder, relevance: Value, grid: Grid, [from, to]: readonly [number, number]): Value {
  const [batch, , tokens] = staticShape(relevance) as [number, number, number];
  const row = op.reduceMean(g, op.slice(g, relevance, [1], [from], [to]), [1], false);
  const places = op.slice(g, row, [1], [grid.skip], [tokens]);
  return op.reshape(g, places, [batch, grid.height, grid.width]);
}
