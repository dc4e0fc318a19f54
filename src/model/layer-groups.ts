import { sizeOf } from "../base/tensor.ts";
import { type Graph, type Node, producers } from "../graph/graph.ts";
import { activationNames, readersOf } from "./dataflow.ts";

/** The nodes of one layer, in running order: one, or several that an exporter wrote out. The last makes its activation. */
export interface LayerGroup {
  readonly nodes: readonly Node[];
  /** In Keras's words; undefined for a single node, whose operator says it. */
  readonly type?: string;
}

interface Flow {
  readonly graph: Graph;
  readonly activations: ReadonlySet<string>;
  readonly made: ReadonlyMap<string, Node>;
  readonly readers: ReadonlyMap<string, readonly Node[]>;
}

/** The graph's nodes, those that make one layer together as one group, standing where its activation is made. */
export function groupNodes(graph: Graph): LayerGroup[] {
  const flow = {
    graph,
    activations: activationNames(graph),
    made: producers(graph),
    readers: readersOf(graph),
  };
  const found = new Map<Node, LayerGroup>();
  const inside = new Set<Node>();
  for (const node of graph.nodes) {
    if (inside.has(node)) continue;
    const group = layerNormalization(flow, node) ?? gatedActivation(flow, node) ?? biased(flow, node);
    if (!group) continue;
    for (const member of group.nodes) {
      inside.add(member);
      found.delete(member);
    }
    found.set(group.nodes.at(-1)!, group);
  }
  return graph.nodes.flatMap((node) => found.get(node) ?? (inside.has(node) ? [] : { nodes: [node] }));
}

/** A product with weights, or a convolution, and the addition of its bias. */
function biased(flow: Flow, node: Node): LayerGroup | undefined {
  const [x, weight, bias] = node.inputs;
  const takesBias = ["MatMul", "Gemm", "Conv", "ConvTranspose"].includes(node.op);
  if (!takesBias || bias || !isActivation(flow, x) || isActivation(flow, weight)) return undefined;
  const add = followedBy(flow, node, "Add");
  if (!add) return undefined;
  const shape = flow.graph.values.get(node.outputs[0]!)?.shape;
  const features = shape?.at(node.op.startsWith("Conv") ? 1 : -1);
  return sizeOfConstant(flow, add) === features ? { nodes: [node, add] } : undefined;
}

/** (x − mean) / √(variance + ε), then weight and bias. */
function layerNormalization(flow: Flow, node: Node): LayerGroup | undefined {
  if (node.op !== "Div") return undefined;
  const [centred, deviation] = node.inputs.map((name) => flow.made.get(name));
  if (centred?.op !== "Sub" || deviation?.op !== "Sqrt") return undefined;
  const steps = new Set(["ReduceMean", "Sub", "Pow", "Mul", "Add", "Sqrt", "Div", "Cast"]);
  const nodes = between(flow, centred.inputs[0]!, node.outputs[0]!, steps);
  if (nodes?.filter(({ op }) => op === "ReduceMean").length !== 2) return undefined;
  const scaled = followedBy(flow, node, "Mul");
  const shifted = scaled && followedBy(flow, scaled, "Add");
  const affine = [scaled, shifted].filter((member) => member !== undefined);
  return { nodes: [...nodes, ...affine], type: "LayerNormalization" };
}

const gates = new Set([
  "Add",
  "Mul",
  "Div",
  "Pow",
  "Erf",
  "Tanh",
  "Sigmoid",
  "HardSigmoid",
  "Clip",
  "Softplus",
]);

/** x · gate(x): GELU, SiLU (Swish), hard-swish, Mish. */
function gatedActivation(flow: Flow, node: Node): LayerGroup | undefined {
  if (node.op !== "Mul") return undefined;
  for (const [x, gate] of [node.inputs, node.inputs.toReversed()] as [string, string][])
    for (const [root, halved] of rootsOf(flow, x)) {
      if (gate === root) continue;
      const inner = between(flow, root, gate, gates);
      const type = inner && typeOfGate(inner);
      if (!type) continue;
      const scaled = type === "SiLU" || halved ? undefined : rescaled(flow, node);
      const members = new Set([...(halved ? [halved] : []), ...inner, node, ...(scaled ? [scaled] : [])]);
      return { nodes: [...members], type };
    }
  return undefined;
}

/** What a factor may be a multiple of: itself, or what a constant scales to it. */
function rootsOf(flow: Flow, factor: string): (readonly [root: string, scaling?: Node])[] {
  const scaling = flow.made.get(factor);
  const root = scaling?.inputs.find((name) => isActivation(flow, name));
  if (!scaling || !root || scaling.op !== "Mul" || sizeOfConstant(flow, scaling) !== 1) return [[factor]];
  return [[factor], [root, scaling]];
}

function typeOfGate(inner: readonly Node[]): string | undefined {
  const ops = new Set(inner.map(({ op }) => op));
  if (ops.has("Tanh") && ops.has("Softplus")) return "Mish";
  if (ops.has("Erf") || ops.has("Tanh")) return "GELU";
  if (ops.has("HardSigmoid") || (ops.has("Clip") && ops.has("Add"))) return "HardSwish";
  // x · sigmoid(1.702 x) is a way to compute GELU.
  if (ops.has("Sigmoid")) return ops.size === 1 ? "SiLU" : "GELU";
  return undefined;
}

/** The node that multiplies the node's output by one number, if nothing else reads it. */
function rescaled(flow: Flow, node: Node): Node | undefined {
  const next = followedBy(flow, node, "Mul") ?? followedBy(flow, node, "Div");
  return next && sizeOfConstant(flow, next) === 1 ? next : undefined;
}

const isActivation = ({ activations }: Flow, name: string | undefined): boolean =>
  activations.has(name ?? "");

/** The only reader of the node's output, if it is of this operator and its other operand a constant. */
function followedBy({ graph, activations, readers }: Flow, node: Node, op: string): Node | undefined {
  const [output] = node.outputs;
  const [next, ...others] = readers.get(output!) ?? [];
  const inner = others.length === 0 && graph.outputs.every(({ name }) => name !== output);
  const alone = next?.inputs.filter((name) => activations.has(name)).length === 1;
  return inner && alone && next.op === op ? next : undefined;
}

/** How many elements the constant operand of a sum or product has. */
function sizeOfConstant({ graph, activations }: Flow, node: Node): number | undefined {
  const constant = node.inputs.find((name) => !activations.has(name));
  const shape = graph.values.get(constant ?? "")?.shape;
  return shape?.every((extent) => typeof extent === "number") ? sizeOf(shape as number[]) : undefined;
}

/** The nodes through which `to` depends on `from`, in running order, if it depends on no other activation and all are of `ops`. */
function between(
  { graph, activations, made }: Flow,
  from: string,
  to: string,
  ops: ReadonlySet<string>,
): Node[] | undefined {
  const found = new Set<Node>();
  const open = [to];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === from || !activations.has(name)) continue;
    const node = made.get(name);
    if (!node || !ops.has(node.op)) return undefined;
    if (found.has(node)) continue;
    found.add(node);
    open.push(...node.inputs);
  }
  const order = new Map(graph.nodes.map((node, at) => [node, at]));
  return [...found].sort((a, b) => order.get(a)! - order.get(b)!);
}
