import type { GraphBuilder } from "../../graph/builder.ts";
import { type Node, staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { channelSums } from "../broadcast.ts";
import { attribute, type Rule, type Ruleset } from "../rule.ts";
import { type Window, windowOf } from "../window.ts";

/** A convolution's attributes with every default filled in. */
interface ConvGeometry extends Window {
  readonly group: number;
}

function geometry(node: Node, x: Value, w: Value): ConvGeometry {
  return { ...windowOf(node, x, staticShape(w).slice(2)), group: attribute(node, "group", 1) };
}

/** `dX`: the kernel run backwards over `dY`. */
function inputGradient(g: GraphBuilder, dy: Value, x: Value, w: Value, geo: ConvGeometry): Value {
  const { kernel, strides, dilations, begins, group } = geo;
  const extents = staticShape(x).slice(2);
  const outputs = staticShape(dy).slice(2);
  // Rows of x before the first and past the last window get nothing of their own; the full gradient begins at −pad.
  const full = outputs.map(
    (extent, axis) => (extent - 1) * strides[axis]! + (kernel[axis]! - 1) * dilations[axis]! + 1,
  );
  const after = extents.map((extent, axis) => extent + begins[axis]! - full[axis]!);
  if (strides.every((stride) => stride === 1)) {
    // As a plain convolution of dY with the kernel flipped and its channels swapped: faster than ConvTranspose.
    const pads = [
      ...kernel.map((size, axis) => (size - 1) * dilations[axis]! - begins[axis]!),
      ...kernel.map((size, axis) => (size - 1) * dilations[axis]! + after[axis]!),
    ];
    if (pads.every((pad) => pad >= 0))
      return op.conv(g, dy, flipped(g, w, group), undefined, { pads, dilations, group });
  }
  return op.convTranspose(g, dy, w, {
    strides,
    dilations,
    group,
    pads: [...begins, ...after.map((extra) => Math.max(0, -extra))],
    outputPadding: after.map((extra) => Math.max(0, extra)),
  });
}

/** `[M, C/group, …] → [C, M/group, …]`, each group for itself, with every spatial axis reversed. */
function flipped(g: GraphBuilder, w: Value, group: number): Value {
  const [filters, channels, ...kernel] = staticShape(w) as [number, number, ...number[]];
  const axes = kernel.map((_, axis) => axis + 2);
  const reversed = kernel.every((size) => size === 1) ? w : op.reverse(g, w, axes);
  const groups = op.reshape(g, reversed, [group, filters / group, channels, ...kernel]);
  const swapped = op.transpose(g, groups, [0, 2, 1, ...axes.map((axis) => axis + 1)]);
  return op.reshape(g, swapped, [group * channels, filters / group, ...kernel]);
}

/**
 * `dW[m, c, k] = Σ dY[n, m, p] · x[n, c, p·stride + k·dilation − pad]`: for each place `k` of the kernel one slice of `x`
 * and one batched product.
 */
function weightGradient(g: GraphBuilder, dy: Value, x: Value, w: Value, geo: ConvGeometry): Value {
  const { kernel, strides, dilations, begins, ends, group } = geo;
  const [batch, channels] = staticShape(x) as [number, number];
  const [filters] = staticShape(w) as [number];
  const outputs = staticShape(dy).slice(2);
  const positions = outputs.reduce((product, extent) => product * extent, 1);
  const axes = kernel.map((_, axis) => axis + 2);
  const padded = [...begins, ...ends].some((pad) => pad !== 0)
    ? op.pad(g, x, [0, 0, ...begins, 0, 0, ...ends])
    : x;
  const d = op.reshape(g, dy, [batch, group, filters / group, positions]);
  const places = kernel.reduce<number[][]>(
    (all, size) => all.flatMap((place) => Array.from({ length: size }, (_, k) => [...place, k])),
    [[]],
  );
  const blocks = places.map((place) => {
    const starts = place.map((k, axis) => k * dilations[axis]!);
    const window = op.slice(
      g,
      padded,
      axes,
      starts,
      starts.map((start, axis) => start + (outputs[axis]! - 1) * strides[axis]! + 1),
      strides,
    );
    const columns = op.reshape(g, window, [batch, group, channels / group, positions]);
    const product = op.reduceSum(g, op.fusedMatMul(g, d, columns, { transB: true }), [0]);
    return op.reshape(g, product, [filters, channels / group, 1]);
  });
  return op.reshape(g, op.concat(g, blocks, 2), staticShape(w));
}

const conv: Rule = ({ g, node, inputs, gradients, needs }) => {
  const [x, w, b] = inputs as [Value, Value, Value | undefined];
  const dy = gradients[0]!;
  const geo = geometry(node, x, w);
  return [
    needs[0] ? inputGradient(g, dy, x, w, geo) : undefined,
    needs[1] ? weightGradient(g, dy, x, w, geo) : undefined,
    b && needs[2] ? channelSums(g, dy) : undefined,
  ];
};

/** A transposed convolution is a convolution's input gradient: its own is that convolution, from `y` to `x`. */
const convTranspose: Rule = ({ g, node, inputs, outputs, gradients, needs }) => {
  const [x, w, b] = inputs as [Value, Value, Value | undefined];
  const geo = transposedGeometry(node, x, w, outputs[0]!);
  const { strides, begins, ends, dilations, group } = geo;
  // Rows at the end that no window reaches, which output padding makes, are left out.
  const margins = ends.map((end) => Math.min(0, end));
  const dy = margins.some((margin) => margin < 0)
    ? op.pad(g, gradients[0]!, [0, 0, ...begins.map(() => 0), 0, 0, ...margins])
    : gradients[0]!;
  const pads = [...begins, ...ends.map((end) => Math.max(0, end))];
  const whole = { ...geo, ends: pads.slice(begins.length) };
  return [
    needs[0] ? op.conv(g, dy, w, undefined, { strides, dilations, group, pads }) : undefined,
    needs[1] ? weightGradient(g, x, dy, w, whole) : undefined,
    b && needs[2] ? channelSums(g, gradients[0]!) : undefined,
  ];
};

/** The geometry of the convolution from `y` back to `x`; an end below 0 says how many rows of `y` it does not reach. */
function transposedGeometry(node: Node, x: Value, w: Value, y: Value): ConvGeometry {
  const kernel = staticShape(w).slice(2);
  const ones = kernel.map(() => 1);
  const strides = attribute<readonly number[]>(node, "strides", ones);
  const dilations = attribute<readonly number[]>(node, "dilations", ones);
  const added = attribute<readonly number[]>(
    node,
    "output_padding",
    kernel.map(() => 0),
  );
  const mode = attribute(node, "auto_pad", "NOTSET");
  const computed = mode.startsWith("SAME") || node.attributes.output_shape !== undefined;
  const explicit = attribute<readonly number[]>(
    node,
    "pads",
    kernel.map(() => 0),
  );
  const begins: number[] = [];
  const ends: number[] = [];
  for (const [axis, size] of kernel.entries()) {
    const inputs = staticShape(x)[axis + 2]!;
    const outputs = staticShape(y)[axis + 2]!;
    const reach = (inputs - 1) * strides[axis]! + (size - 1) * dilations[axis]! + 1;
    const total = Math.max(0, reach + added[axis]! - outputs);
    // Where pads follow from the shape, ONNX puts the odd row at the beginning, but at the end for SAME_UPPER.
    const half = mode === "SAME_UPPER" ? Math.floor(total / 2) : Math.ceil(total / 2);
    begins.push(computed ? half : mode === "VALID" ? 0 : explicit[axis]!);
    ends.push(reach - outputs - begins[axis]!);
  }
  return { kernel, strides, dilations, begins, ends, group: attribute(node, "group", 1) };
}

export const convolution: Ruleset = { Conv: conv, ConvTranspose: convTranspose };
