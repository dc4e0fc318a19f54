import { attribute } from "../../autodiff/rule.ts";
import { UserError } from "../../base/errors.ts";
import { float32, viewBytes } from "../../base/tensor.ts";
import { type Graph, type Node, producers, staticShape } from "../../graph/graph.ts";
import type { Layer } from "../../model/model.ts";
import type { NodeCall } from "./call.ts";
import { type Held, inGraphOrder, type Move } from "./held.ts";
import { reshaped, turned, type Weight } from "./keras-layer.ts";
import { rules } from "./rules/index.ts";
import { type Unit, unitsOf } from "./unit.ts";
import type { LayerWriter } from "./writer.ts";

/**
 * Writes a graph as layers.
 * @param graph with static shapes, the batch one picture
 * @param layers names that people know parts of it by
 * @param pictures what holds its input
 * @returns what holds its output
 * @throws UserError when it has an operator that no layer does
 */
export function convert(graph: Graph, layers: readonly Layer[], pictures: Held, writer: LayerWriter): Held {
  const titleOf = titles(layers);
  const known = new Set(layers.map(({ output }) => output));
  const made = producers(graph);
  const held = new Map([[graph.inputs[0]!.name, pictures]]);
  for (const unit of unitsOf(graph, (value) => known.has(value))) {
    const { node, op, output } = unit;
    const title = titleOf(unit);
    const refuse = (why: string): UserError =>
      new UserError(`The layer "${title}" (${op}) ${why}; export the network as onnx.`);
    const rule = node.domain === "" && Object.hasOwn(rules, op) ? rules[op] : undefined;
    if (!rule) throw refuse("has no counterpart among Keras's");
    const [batch, ...shape] = staticShape(graph.values.get(output)!);
    if (batch !== 1) throw refuse("mixes the pictures of a batch");
    const move: Move = (type, from, config, part) =>
      writer.add(part ? `${title}_${part}` : title, type, [from], config);
    const call: NodeCall = {
      ...unit,
      graph,
      shape,
      held: (at) => held.get(node.inputs[at] ?? ""),
      constant: (which) =>
        constantOf(graph, made, typeof which === "string" ? which : (node.inputs[which] ?? "")),
      layer: (type, from, config, weights) =>
        writer.add(
          title,
          type,
          from.map(({ layer }) => layer),
          config,
          weights,
        ),
      move,
      refuse,
    };
    held.set(output, rule(call));
  }
  const output = held.get(graph.outputs[0]!.name)!;
  const move: Move = (type, from, config, part) => writer.add(`output_${part}`, type, [from], config);
  return inGraphOrder(output, move);
}

/** What to call the layer of a unit: as the layer whose weights or output it has, or as its node. */
function titles(layers: readonly Layer[]): (unit: Unit) => string {
  const byOutput = new Map(layers.map((layer) => [layer.output, layer]));
  const byWeight = new Map(layers.flatMap((layer) => layer.parameters.map((name) => [name, layer])));
  return ({ node, op, output }) => {
    const ending = byOutput.get(output);
    // Of layers that share weights, each has an output of its own.
    if (ending && node.inputs.some((name) => ending.parameters.includes(name))) return ending.name;
    const weighing = node.inputs.map((name) => byWeight.get(name)).find((layer) => layer !== undefined);
    if (weighing) return weighing.name;
    if (!ending) return node.name || output;
    return ending.parameters.length > 0 ? `${ending.name}_${op.toLowerCase()}` : ending.name;
  };
}

/** A constant of float32, also behind what only moves its numbers. */
function constantOf(graph: Graph, made: ReadonlyMap<string, Node>, name: string): Weight | undefined {
  const initializer = graph.initializers.get(name);
  if (initializer) {
    const { dtype, shape } = initializer;
    if (dtype !== "float32") return undefined;
    return { shape, read: () => float32(shape, viewBytes("float32", initializer.bytes)) };
  }
  const node = made.get(name);
  const weight = node && constantOf(graph, made, node.inputs[0]!);
  if (!weight) return undefined;
  const shape = staticShape(graph.values.get(name)!);
  switch (node.op) {
    case "Flatten":
    case "Identity":
    case "Reshape":
    case "Squeeze":
    case "Unsqueeze":
      return reshaped(weight, shape);
    case "Transpose": {
      const reversed = weight.shape.map((_, axis) => axis).reverse();
      return turned(weight, attribute<readonly number[]>(node, "perm", reversed));
    }
    default:
      return undefined;
  }
}
