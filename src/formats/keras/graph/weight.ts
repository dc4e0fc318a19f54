import { permuted } from "../../../base/permute.ts";
import { bytesOf, float32, type Tensor } from "../../../base/tensor.ts";
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
