import { extract, type Graph, type Node, producers } from "../graph/graph.ts";
import { activationNames, numbersOf, reducedAxes } from "./dataflow.ts";
import { groupNodes, type LayerGroup } from "./layer-groups.ts";
import { namesOf, weightsOf } from "./layer-names.ts";
import type { Layer } from "./model.ts";
import type { Scores } from "./scores.ts";

/** Operators that people call layers, in Keras's words; what only moves or casts numbers is none. */
const types: Readonly<Record<string, string>> = {
  Add: "Add",
  AveragePool: "AveragePooling2D",
  BatchNormalization: "BatchNormalization",
  Celu: "CELU",
  Clip: "Clip",
  Concat: "Concatenate",
  Conv: "Conv2D",
  ConvTranspose: "Conv2DTranspose",
  DepthToSpace: "DepthToSpace",
  Dropout: "Dropout",
  Elu: "ELU",
  Flatten: "Flatten",
  Gelu: "GELU",
  Gemm: "Dense",
  GlobalAveragePool: "GlobalAveragePooling2D",
  GlobalMaxPool: "GlobalMaxPooling2D",
  GroupNormalization: "GroupNormalization",
  HardSigmoid: "HardSigmoid",
  HardSwish: "HardSwish",
  InstanceNormalization: "InstanceNormalization",
  LRN: "LRN",
  LayerNormalization: "LayerNormalization",
  LeakyRelu: "LeakyReLU",
  LogSoftmax: "LogSoftmax",
  LpPool: "LpPooling2D",
  MatMul: "MatMul",
  MaxPool: "MaxPooling2D",
  Mish: "Mish",
  Mul: "Multiply",
  PRelu: "PReLU",
  Relu: "ReLU",
  Resize: "UpSampling2D",
  Selu: "SELU",
  Sigmoid: "Sigmoid",
  Softmax: "Softmax",
  Softplus: "Softplus",
  SpaceToDepth: "SpaceToDepth",
  Tanh: "Tanh",
};

const squashing = new Set(["Softmax", "LogSoftmax", "Sigmoid"]);

/**
 * The layers of a graph from elsewhere on the way to its scores, or to all its outputs where it has none, in running order, by the names
 * that its makers gave them. What was written out in several nodes, such as a layer normalization, is one.
 * @param graph with its shapes
 */
export function graphLayers(graph: Graph, scores?: Pick<Scores, "logits" | "ending">): Layer[] {
  const ends = scores ? [scores.logits] : graph.outputs.map(({ name }) => name);
  const scored = new Set(extract(graph, ends).nodes);
  const whole = extract(graph, scores?.ending ? [...ends, scores.ending.value] : ends);
  const nodes = whole.nodes.filter((node) => scored.has(node) || squashing.has(node.op));
  const made = producers(graph);
  const activations = activationNames(graph);
  const groups = groupNodes({ ...whole, nodes }).flatMap((group) => {
    const type = typeOf(graph, activations, group);
    return type ? [{ ...group, type, weights: weightsOf(graph, made, group) }] : [];
  });
  const names = namesOf(groups);
  return groups.map((group, at) => {
    const measured = measuredBy(group);
    const named = (wanted: boolean): string[] => [
      ...new Set(
        group.weights.flatMap((known) => (measured.has(known[0]!) === wanted ? [known.at(-1)!] : [])),
      ),
    ];
    const statistics = named(true);
    return {
      name: names[at]!,
      type: group.type,
      output: group.nodes.at(-1)!.outputs[0]!,
      parameters: named(false),
      ...(statistics.length > 0 ? { statistics } : {}),
    };
  });
}

/** Inputs that hold what a batch normalization measured: its mean and variance. */
function measuredBy({ nodes }: LayerGroup): Set<string> {
  return new Set(nodes.flatMap(({ op, inputs }) => (op === "BatchNormalization" ? inputs.slice(3) : [])));
}

/** The layer's kind in Keras's words; undefined for what is no layer, such as arithmetic on shapes and with constants. */
function typeOf(graph: Graph, activations: ReadonlySet<string>, group: LayerGroup): string | undefined {
  if (group.type) return group.type;
  const [node] = group.nodes as readonly [Node, ...Node[]];
  const { dtype, shape } = graph.values.get(node.outputs[0]!)!;
  if (node.domain || dtype !== "float32" || !activations.has(node.outputs[0]!)) return undefined;
  const type = types[node.op];
  const constant = node.inputs.some((name) => name && !activations.has(name));
  switch (node.op) {
    case "Add":
    case "Mul":
    case "Concat":
      return constant || (shape?.length ?? 0) < 2 ? undefined : type;
    case "MatMul":
      return constant ? "Dense" : type;
    case "Clip":
      return [1, 2].map((at) => numbersOf(graph, node.inputs[at])?.[0]).join() === "0,6" ? "ReLU6" : type;
    case "Conv":
      return (isDepthwise(graph, node) ? "DepthwiseConv2D" : type!).replace("2D", extentOf(graph, node));
    case "ReduceMean":
      return meanOverPlaces(graph, node);
    default:
      return type?.replace("2D", extentOf(graph, node));
  }
}

/** `2D` for a layer of pictures, `1D` and `3D` for those of series and volumes. */
function extentOf(graph: Graph, node: Node): string {
  const rank = graph.values.get(node.inputs[0]!)?.shape?.length ?? 4;
  return `${Math.max(1, rank - 2)}D`;
}

function isDepthwise(graph: Graph, { inputs, attributes: { group } }: Node): boolean {
  return group?.type === "int" && group.value > 1 && graph.values.get(inputs[1]!)?.shape?.[1] === 1;
}

/** A mean over both axes of a picture, or over tokens, is a global pool. */
function meanOverPlaces(graph: Graph, node: Node): string | undefined {
  const rank = graph.values.get(node.inputs[0]!)?.shape?.length ?? 0;
  const axes = reducedAxes(graph, node);
  if (rank === 4 && axes?.length === 2) return "GlobalAveragePooling2D";
  return rank === 3 && axes?.length === 1 && axes[0] === 1 ? "GlobalAveragePooling1D" : undefined;
}
