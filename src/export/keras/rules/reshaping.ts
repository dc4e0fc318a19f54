import { attribute } from "../../../autodiff/rule.ts";
import { numbersOf } from "../../../model/dataflow.ts";
import { maps, type NodeRule, type NodeRules, only } from "../call.ts";
import { CHANNELS_LAST, GRAPH, inGraphOrder, withShape } from "../held.ts";
import { zeroPadded } from "./window.ts";

const passing: NodeRule = (call) => only(call);

const dropout: NodeRule = (call) => {
  const x = only(call);
  const ratio = call.node.inputs[1];
  const rate = (ratio ? numbersOf(call.graph, ratio)?.[0] : undefined) ?? 0.5;
  return { ...x, layer: call.layer("Dropout", [x], { rate }) };
};

const cast: NodeRule = (call) => {
  const { dtype } = call.graph.values.get(call.output)!;
  if (dtype !== "float32") throw call.refuse(`makes ${dtype} of its input`);
  return only(call);
};

const reshape: NodeRule = (call) => withShape(only(call), call.shape, call.move);

const transpose: NodeRule = (call) => {
  const x = only(call);
  const reversed = [0, ...x.shape].map((_, axis) => x.shape.length - axis);
  const permutation = attribute<readonly number[]>(call.node, "perm", reversed);
  if (permutation[0] !== 0) throw call.refuse("moves the batch to another axis");
  const dims = permutation.slice(1);
  const [kind, order] = [x.order.kind, dims.join()];
  // Channels that go last are there already, and go first in name alone.
  if (kind === "channels last" && order === "2,3,1") return { ...x, shape: call.shape, order: GRAPH };
  if (kind === "graph" && order === "3,1,2") return { ...x, shape: call.shape, order: CHANNELS_LAST };
  const plain = inGraphOrder(x, call.move);
  return { layer: call.layer("Permute", [plain], { dims }), shape: call.shape, order: GRAPH };
};

/** Zeros around maps. */
const pad: NodeRule = (call) => {
  const [pads, value = [0], axes] = [1, 2, 3].map((at) => numbersOf(call.graph, call.node.inputs[at]));
  const constant = attribute(call.node, "mode", "constant") === "constant" && value[0] === 0;
  const [n, c, top, left, afterN, afterC, bottom, right] = pads ?? [];
  const places = [top, left, bottom, right].every((extra) => extra !== undefined && extra >= 0);
  if (!constant || axes || !places || [n, c, afterN, afterC].some((extra) => extra !== 0))
    throw call.refuse("pads otherwise than with zeros around maps");
  return zeroPadded(call, maps(call), { begins: [top!, left!], ends: [bottom!, right!] }, "");
};

export const reshapers: NodeRules = {
  Cast: cast,
  Dropout: dropout,
  Flatten: reshape,
  Identity: passing,
  Pad: pad,
  Reshape: reshape,
  Squeeze: reshape,
  Transpose: transpose,
  Unsqueeze: reshape,
};
