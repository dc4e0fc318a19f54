import type { GraphBuilder } from "../../graph/builder.ts";
import type { Node, Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { type Affine, affineOf } from "./affine.ts";
import { type Weighted, weightedOf } from "./weighted.ts";

/**
 * A layer with weights, `y = x ∗ w + b`: a convolution or product, and what scales and shifts its outputs right behind it, such as batch
 * normalization, merged into weights and bias. Batch normalization that stands elsewhere is a layer that scales.
 */
export interface LinearLayer extends Weighted {
  readonly g: GraphBuilder;
  /** Whether no other layer lies between the picture and this one. */
  readonly first: boolean;
  readonly y: Value;
  /** The values made inside, by the names of their nodes' first outputs. */
  readonly values: ReadonlySet<string>;
}

/**
 * The layers with weights between a picture and what is explained, in running order.
 * @param reached names of the values that depend on the picture
 * @param of what is explained; a layer ends there
 */
export function linearLayers(g: GraphBuilder, reached: ReadonlySet<string>, of: Value): LinearLayer[] {
  const readers = readersOf(g.nodes);
  const [behind, merged] = [new Set<string>(), new Set<string>()];
  const layers: LinearLayer[] = [];
  for (const node of [...g.nodes]) {
    const [name] = node.outputs as [string];
    const first = !node.inputs.some((input) => behind.has(input));
    const weighted = weightedOf(g, node, reached);
    if (weighted) {
      const layer = { ...withSteps(g, node, weighted, { readers, reached, of }), g, first };
      for (const value of layer.values) merged.add(value);
      layers.push(layer);
    } else if (!first && !merged.has(name)) {
      const scaling = scalingLayer(g, node, reached);
      if (scaling) layers.push(scaling);
    }
    if (weighted || !first) for (const output of node.outputs) behind.add(output);
  }
  return layers;
}

interface Surroundings {
  readonly readers: ReadonlyMap<string, readonly Node[]>;
  readonly reached: ReadonlySet<string>;
  readonly of: Value;
}

/** With the nodes behind it that scale and shift its output, as far as nothing else reads what is between. */
function withSteps(
  g: GraphBuilder,
  node: Node,
  weighted: Weighted,
  { readers, reached, of }: Surroundings,
): Weighted & Pick<LinearLayer, "y" | "values"> {
  let { w, b } = weighted;
  let y = g.value(node.outputs[0]!);
  const values = new Set([y.name]);
  for (;;) {
    const [next, ...others] = readers.get(y.name) ?? [];
    const alone = next && others.length === 0 && y.name !== of.name;
    const step: Affine | undefined = alone ? affineOf(g, next, y, reached) : undefined;
    const factor = step?.factor && weighted.onWeight(step.factor);
    if (!step || (step.factor && !factor)) return { ...weighted, w, b, y, values };
    if (factor) w = op.mul(g, w, factor);
    if (step.factor && b) b = op.mul(g, b, step.factor);
    if (step.offset) b = b ? op.add(g, b, step.offset) : step.offset;
    y = step.y;
    values.add(y.name);
  }
}

function scalingLayer(g: GraphBuilder, node: Node, reached: ReadonlySet<string>): LinearLayer | undefined {
  const x = node.op === "BatchNormalization" ? g.value(node.inputs[0]!) : undefined;
  const affine = x && reached.has(x.name) ? affineOf(g, node, x, reached) : undefined;
  if (!x || !affine?.factor) return undefined;
  const { factor: w, offset: b, y } = affine;
  const times = (a: Value, weight: Value): Value => op.mul(g, a, weight);
  return {
    ...{ g, kind: "scaling", first: false, x, w, b, y },
    values: new Set([y.name]),
    onWeight: (more) => more,
    product: times,
    adjoint: times,
  };
}

function readersOf(nodes: readonly Node[]): Map<string, Node[]> {
  const readers = new Map<string, Node[]>();
  for (const node of nodes)
    for (const name of node.inputs) readers.set(name, [...(readers.get(name) ?? []), node]);
  return readers;
}
