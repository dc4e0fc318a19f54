import type { Graph, Node } from "../graph/graph.ts";
import { activationNames, reducedAxes } from "./dataflow.ts";

/** How much of the picture one place of an activation can see, in pixels; `[height, width]` each. */
interface ReceptiveField {
  readonly size: readonly [number, number];
  /** Pixels from one place to the next. */
  readonly stride: readonly [number, number];
}

/** `"all"` of the picture, once a layer joins all places; or a part. */
export type Field = ReceptiveField | "all";

/** Operators that join all places. */
const joining = /^(Global\w+|Gemm|InstanceNormalization|GroupNormalization|Attention|MultiHeadAttention)$/;

/**
 * The receptive field of every activation, by the recurrence of Araujo et al., "Computing Receptive Fields of Convolutional Neural
 * Networks" (Distill 2019), equation 2: of several branches the largest. Edges of the picture cut nothing off.
 * @param graph a network's, with its shapes
 */
export function receptiveFields(graph: Graph): Map<string, Field> {
  const activations = activationNames(graph);
  const fields = new Map<string, Field>([[graph.inputs[0]!.name, { size: [1, 1], stride: [1, 1] }]]);
  for (const node of graph.nodes) {
    const read = node.inputs.filter((name) => activations.has(name));
    const known = read.map((name) => fields.get(name)).filter((field) => field !== undefined);
    const before = known.reduce(widest, undefined as Field | undefined);
    if (!before) continue;
    const product = (node.op === "MatMul" || node.op === "Einsum") && read.length > 1;
    const after = before === "all" || product || joinsPlaces(graph, node) ? "all" : seen(graph, node, before);
    for (const name of node.outputs) if (name) fields.set(name, after);
  }
  return fields;
}

function widest(a: Field | undefined, b: Field): Field {
  if (a === undefined) return b;
  if (a === "all" || b === "all") return "all";
  const larger = (pick: (field: ReceptiveField) => readonly [number, number]): [number, number] => [
    Math.max(pick(a)[0], pick(b)[0]),
    Math.max(pick(a)[1], pick(b)[1]),
  ];
  return { size: larger(({ size }) => size), stride: larger(({ stride }) => stride) };
}

function joinsPlaces(graph: Graph, node: Node): boolean {
  if (joining.test(node.op)) return true;
  const rank = graph.values.get(node.outputs[0]!)?.shape?.length ?? 0;
  if (node.op === "Flatten" || node.op === "Reshape") return rank <= 2;
  if (!node.op.startsWith("Reduce")) return false;
  const axes = reducedAxes(graph, node) ?? [];
  return graph.values.get(node.inputs[0]!)?.shape?.length === 3 ? axes.includes(1) : axes.length > 1;
}

function seen(graph: Graph, node: Node, field: ReceptiveField): ReceptiveField {
  const along = (axis: 0 | 1): readonly [size: number, stride: number] => {
    const [size, stride] = [field.size[axis], field.stride[axis]];
    const { reach, step } = windowOf(graph, node, axis);
    return [size + reach * stride, stride * step];
  };
  const [height, width] = [along(0), along(1)];
  return { size: [height[0], width[0]], stride: [height[1], width[1]] };
}

/** How far a place reaches beyond one of the layer's input, and how far it moves on, in places of that input. */
function windowOf(graph: Graph, node: Node, axis: 0 | 1): { reach: number; step: number } {
  const list = (name: string, otherwise: number): number => {
    const attribute = node.attributes[name];
    return attribute?.type === "ints" ? (attribute.value[axis] ?? otherwise) : otherwise;
  };
  const number = (name: string): number => {
    const attribute = node.attributes[name];
    return attribute?.type === "int" ? attribute.value : 1;
  };
  const extent = (name: string, at: number): number => Number(graph.values.get(name)?.shape?.[at] ?? 1);
  const span = (kernel: number): number => (kernel - 1) * list("dilations", 1);
  switch (node.op) {
    case "Conv":
      return { reach: span(extent(node.inputs[1]!, 2 + axis)), step: list("strides", 1) };
    case "MaxPool":
    case "AveragePool":
    case "LpPool":
      return { reach: span(list("kernel_shape", 1)), step: list("strides", 1) };
    case "ConvTranspose": {
      const stride = list("strides", 1);
      return { reach: Math.floor(span(extent(node.inputs[1]!, 2 + axis)) / stride), step: 1 / stride };
    }
    case "Resize": {
      const step = extent(node.inputs[0]!, 2 + axis) / extent(node.outputs[0]!, 2 + axis);
      const mode = node.attributes.mode?.type === "string" ? node.attributes.mode.value : "nearest";
      return { reach: step === 1 ? 0 : ({ linear: 1, cubic: 3 }[mode] ?? 0), step };
    }
    case "SpaceToDepth":
      return { reach: number("blocksize") - 1, step: number("blocksize") };
    case "DepthToSpace":
      return { reach: 0, step: 1 / number("blocksize") };
    default:
      return { reach: 0, step: 1 };
  }
}
