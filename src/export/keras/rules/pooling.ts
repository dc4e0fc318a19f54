import { attribute } from "../../../autodiff/rule.ts";
import { poolWindowOf, type Window } from "../../../autodiff/window.ts";
import { type Graph, producers } from "../../../graph/graph.ts";
import { numbersOf, reducedAxes } from "../../../model/dataflow.ts";
import { inputValue, maps, type NodeCall, type NodeRule, type NodeRules } from "../call.ts";
import { CHANNELS_LAST, type Held } from "../held.ts";
import { paddingOf, zeroPadded } from "./window.ts";

interface PoolWindow extends Window {
  /** Whether a window reaches past the padding, as `ceil_mode` lets the last one. */
  readonly hangs: boolean;
}

/** The node's window, with as much padding at the end as its last place reaches. */
function windowOf(call: NodeCall): PoolWindow {
  const window = poolWindowOf(call.node, inputValue(call));
  const { kernel, strides, dilations, begins, ends } = window;
  if (kernel.length !== 2) throw call.refuse(`pools along ${kernel.length} axes`);
  if (Math.max(...dilations) > 1) throw call.refuse("is dilated, as no pooling of Keras's is");
  const extents = inputValue(call).shape!.slice(2) as number[];
  const reached = kernel.map((size, axis) => {
    const last = (call.shape[axis + 1]! - 1) * strides[axis]! - begins[axis]!;
    return Math.max(0, last + size - extents[axis]!);
  });
  return { ...window, ends: reached, hangs: reached.some((end, axis) => end > ends[axis]!) };
}

function pooled(call: NodeCall, type: string, x: Held, { kernel, strides }: Window, padding: string): Held {
  const config = { pool_size: kernel, strides, padding, data_format: "channels_last" };
  return { layer: call.layer(type, [x], config), shape: call.shape, order: CHANNELS_LAST };
}

const maxPool: NodeRule = (call) => {
  const window = windowOf(call);
  const padding = paddingOf(call, window);
  if (padding) return pooled(call, "MaxPooling2D", maps(call), window, padding);
  if (!isPositive(call.graph, call.node.inputs[0]!))
    throw call.refuse("pads numbers that may be below zero, which Keras's zeros would exceed");
  return pooled(call, "MaxPooling2D", zeroPadded(call, maps(call), window), window, "valid");
};

const positive = new Set(["Relu", "Sigmoid", "HardSigmoid", "Softmax"]);

/** Operators that give none but numbers of their inputs. */
const choosing = new Set(["MaxPool", "Concat", "Dropout", "Identity"]);

/** Whether it can be told that no number of a value is below zero. */
function isPositive(graph: Graph, name: string): boolean {
  const node = producers(graph).get(name);
  if (!node) return false;
  if (node.op === "Clip") return (numbersOf(graph, node.inputs[1])?.[0] ?? -1) >= 0;
  if (!choosing.has(node.op)) return positive.has(node.op);
  const inputs = node.op === "Concat" ? node.inputs : node.inputs.slice(0, 1);
  return inputs.every((input) => isPositive(graph, input));
}

/** Padding of Keras's own does not count in its means. */
const averagePool: NodeRule = (call) => {
  const window = windowOf(call);
  const padding = paddingOf(call, window);
  const counted = attribute(call.node, "count_include_pad", 0) === 1;
  if (padding === "valid" || (padding === "same" && !counted))
    return pooled(call, "AveragePooling2D", maps(call), window, padding);
  if (!counted || window.hangs) throw call.refuse("averages over padding in a way that Keras does not have");
  return pooled(call, "AveragePooling2D", zeroPadded(call, maps(call), window), window, "valid");
};

/** One number a map; whether extents of 1 stay, the graph's shape says. */
const global =
  (type: string): NodeRule =>
  (call) => {
    const x = maps(call);
    const layer = call.layer(type, [x], { data_format: "channels_last" });
    return { layer, shape: call.shape, order: { kind: "row", maps: [x.shape[0]!, 1, 1] } };
  };

const reduced =
  (type: string): NodeRule =>
  (call) => {
    const axes = reducedAxes(call.graph, call.node)?.sort();
    if (axes?.join() !== "2,3") throw call.refuse(`reduces axes ${axes?.join(", ") ?? "that it computes"}`);
    return global(type)(call);
  };

export const poolings: NodeRules = {
  AveragePool: averagePool,
  GlobalAveragePool: global("GlobalAveragePooling2D"),
  GlobalMaxPool: global("GlobalMaxPooling2D"),
  MaxPool: maxPool,
  ReduceMax: reduced("GlobalMaxPooling2D"),
  ReduceMean: reduced("GlobalAveragePooling2D"),
};
