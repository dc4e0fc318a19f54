import type { Graph, Node } from "../graph/graph.ts";
import type { Layer } from "./model.ts";

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

/** The layers of a graph from elsewhere, in running order, by the names that its makers gave them. */
export function graphLayers(graph: Graph): Layer[] {
  const reads = new Set(graph.nodes.flatMap((node) => node.inputs));
  for (const { name } of graph.outputs) reads.add(name);
  const shown = graph.nodes.filter((node) => !node.domain && node.op in types && isLayer(graph, node));
  const scopes = new Map(shown.map((node) => [node, scopeOf(graph, node)]));
  const owners = ownersOf(shown, scopes, graph);
  const taken = new Map<string, number>();
  return shown.map((node) => {
    const scope = scopes.get(node)!;
    const own = owners.get(scope) === node ? scope : [scope, node.op.toLowerCase()].filter(Boolean).join(".");
    const count = taken.get(own) ?? 0;
    taken.set(own, count + 1);
    return {
      name: count ? `${own}_${count}` : own,
      type: typeOf(graph, node),
      output: node.outputs[0]!,
      parameters: parametersOf(graph, node),
    };
  });
}

/** Arithmetic on shapes and with constants is part of something larger, a normalization or an activation written out. */
function isLayer(graph: Graph, node: Node): boolean {
  if (graph.values.get(node.outputs[0]!)?.dtype !== "float32") return false;
  if (!["Add", "Mul", "Concat"].includes(node.op)) return true;
  const constants = node.inputs.filter((name) => graph.initializers.has(name));
  return constants.length === 0 && (graph.values.get(node.outputs[0]!)?.shape?.length ?? 0) > 1;
}

/** The weights that a node reads, shortest scalars left out: those are settings. */
function parametersOf({ initializers }: Graph, node: Node): string[] {
  return node.inputs.filter((name) => {
    const weight = initializers.get(name);
    return weight?.dtype === "float32" && weight.shape.length > 0;
  });
}

function typeOf(graph: Graph, node: Node): string {
  const group = node.attributes.group;
  const weight = graph.initializers.get(node.inputs[1] ?? "");
  if (node.op === "Conv" && group?.type === "int" && group.value > 1 && weight?.shape[1] === 1)
    return "DepthwiseConv2D";
  if (node.op === "MatMul" && weight) return "Dense";
  return types[node.op]!;
}

/** Names of weights within their layer, in the words of PyTorch, Keras and Caffe. */
const roles =
  /[./](weight|bias|kernel|gamma|beta|running_mean|running_var|moving_mean|moving_variance|scale|w|b)(:0)?$/i;

/**
 * The module that a node belongs to: `features.0`. Read off its weights (`features.0.weight`), or the path that PyTorch's exporter
 * gives its nodes, which repeats what it nests: `/features/features.0/Conv`; or else the name of what it makes.
 */
function scopeOf(graph: Graph, node: Node): string {
  const named = parametersOf(graph, node).find((name) => roles.test(name));
  if (named) return named.replace(roles, "");
  const path = node.name.split("/").filter(Boolean);
  if (node.name.startsWith("/"))
    return path
      .slice(0, -1)
      .reduce(
        (scope, part) => (part.startsWith(`${scope}.`) ? part : [scope, part].filter(Boolean).join(".")),
        "",
      );
  return node.outputs[0]!.replace(/:0$/, "");
}

/** Of the nodes of a module the one that is called as it: the one with its weights, or the only one. */
function ownersOf(
  nodes: readonly Node[],
  scopes: ReadonlyMap<Node, string>,
  graph: Graph,
): Map<string, Node> {
  const members = new Map<string, Node[]>();
  for (const node of nodes) members.set(scopes.get(node)!, [...(members.get(scopes.get(node)!) ?? []), node]);
  const inner = new Set([...members.keys()].flatMap(ancestors));
  const owners = new Map<string, Node>();
  for (const [scope, group] of members) {
    if (scope === "") continue;
    const weighted = group.filter((node) => parametersOf(graph, node).length > 0);
    const owner =
      weighted.length === 1 ? weighted[0] : group.length === 1 && !inner.has(scope) ? group[0] : undefined;
    if (owner) owners.set(scope, owner);
  }
  return owners;
}

/** `a.b.c` → `a.b`, `a`: what contains other modules is none of one node. */
function ancestors(scope: string): string[] {
  const parts = scope.split(".");
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join("."));
}
