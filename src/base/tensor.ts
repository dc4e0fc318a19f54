/**
 * Element types that cross our interfaces, and what holds them. Computation is float32; the others carry indices,
 * masks and pictures. `bool` is one byte an element; `float16` travels as its bits.
 */
interface Arrays {
  float32: Float32Array;
  float64: Float64Array;
  float16: Uint16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  bool: Uint8Array;
}

export type DType = keyof Arrays;
export type TypedArray = Arrays[DType];

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const;

/** A dense array in row-major order. Images are `[N, C, H, W]`. */
export interface Tensor<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: Arrays[D];
}

/** Number of elements of a shape; `[]` is a scalar and has one. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export function bytesPerElement(dtype: DType): number {
  return constructors[dtype].BYTES_PER_ELEMENT;
}

/**
 * A tensor over `data`, which is not copied.
 * @throws RangeError when the data's length is not the product of the shape.
 */
export function tensor<D extends DType>(dtype: D, shape: readonly number[], data: Arrays[D]): Tensor<D> {
  if (data.length !== sizeOf(shape))
    throw new RangeError(`${data.length} elements do not fill the shape [${shape.join(", ")}]`);
  return { dtype, shape, data };
}

/** A tensor of zeros. */
export function zeros<D extends DType>(dtype: D, shape: readonly number[]): Tensor<D> {
  const data: TypedArray = new constructors[dtype](sizeOf(shape));
  return { dtype, shape, data: data as Arrays[D] };
}

/** A float32 tensor from plain numbers. */
export function float32(shape: readonly number[], values: ArrayLike<number>): Tensor<"float32"> {
  return tensor("float32", shape, values instanceof Float32Array ? values : Float32Array.from(values));
}

/** An int64 tensor from plain numbers. */
export function int64(shape: readonly number[], values: readonly number[]): Tensor<"int64"> {
  return tensor("int64", shape, BigInt64Array.from(values, BigInt));
}

/** A float32 scalar (shape `[]`). */
export function scalar(value: number): Tensor<"float32"> {
  return float32([], [value]);
}

/** Views little-endian bytes as a typed array, without a copy where the alignment allows it. */
export function viewBytes<D extends DType>(dtype: D, bytes: Uint8Array): Arrays[D] {
  const Data = constructors[dtype];
  // Not `slice`, which a Node Buffer takes for a view.
  const aligned = bytes.byteOffset % Data.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  const length = Math.floor(aligned.byteLength / Data.BYTES_PER_ELEMENT);
  const view: TypedArray = new Data(aligned.buffer as ArrayBuffer, aligned.byteOffset, length);
  return view as Arrays[D];
}

/** The tensor's raw little-endian bytes, as a view. */
export function bytesOf(value: Tensor): Uint8Array {
  return new Uint8Array(value.data.buffer, value.data.byteOffset, value.data.byteLength);
}
