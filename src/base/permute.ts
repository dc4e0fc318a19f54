import { sizeOf, viewBytes } from "./tensor.ts";

/** The bytes of a tensor of float32 with its axes in another order: axis `at` of the result is axis `permutation[at]` of `shape`. */
export function permuted(
  bytes: Uint8Array,
  shape: readonly number[],
  permutation: readonly number[],
): Uint8Array {
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
