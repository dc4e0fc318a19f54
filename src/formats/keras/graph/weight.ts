import { bytesOf, float32, sizeOf, type Tensor, viewBytes } from "../../../base/tensor.ts";
import type { Initializer } from "../../../graph/graph.ts";
import { elementOf } from "../../../graph/onnx/elements.ts";
import { codeOfDtype } from "../../../graph/onnx/schema.ts";
import type { SavedWeight } from "../saved-model.ts";

/** How a weight's axes stand in the graph: permuted, if it says how, then taken for `shape`. */
export interface Turn {
  readonly permutation?: readonly number[] | undefined;
  readonly shape: readonly number[];
}

/** A weight as a constant of the graph; it is read, and turned, each time that its bytes are asked for. */
export function weightConstant(name: string, saved: SavedWeight, turn?: Turn): Initializer {
  return {
    name,
    dtype: "float32",
    shape: turn?.shape ?? saved.shape,
    get bytes() {
      const bytes = float32Bytes(saved.read());
      const order = turn?.permutation;
      return order?.some((axis, at) => axis !== at) ? permuted(bytes, saved.shape, order) : bytes;
    },
  };
}

function float32Bytes(tensor: Tensor): Uint8Array {
  const bytes = bytesOf(tensor);
  if (tensor.dtype === "float32") return bytes;
  const { widen } = elementOf(codeOfDtype.get(tensor.dtype)!)!;
  if (widen) return widen(bytes);
  return bytesOf(float32([tensor.data.length], Float32Array.from(tensor.data as ArrayLike<number>, Number)));
}

function permuted(bytes: Uint8Array, shape: readonly number[], permutation: readonly number[]): Uint8Array {
  const from = viewBytes("uint32", bytes);
  const to = new Uint32Array(from.length);
  const extents = permutation.map((axis) => shape[axis]!);
  const strides = permutation.map((axis) => sizeOf(shape.slice(axis + 1)));
  let at = 0;
  const copy = (axis: number, offset: number): void => {
    const [extent, stride] = [extents[axis]!, strides[axis]!];
    if (axis < extents.length - 1)
      for (let place = 0; place < extent; place++) copy(axis + 1, offset + place * stride);
    else for (let place = 0; place < extent; place++) to[at++] = from[offset + place * stride]!;
  };
  copy(0, 0);
  return new Uint8Array(to.buffer);
}
