import { type ByteSource, partOf } from "../base/byte-source.ts";
import { bytesPerElement, type DType, sizeOf, type TypedArray, viewBytes } from "../base/tensor.ts";
import type { Initializer } from "../graph/graph.ts";
import { type Callable, PickleError, type PickleWorld } from "./pickle.ts";

/** What a pickle of PyTorch may not hold here; the message is its name. */
export class Refusal extends Error {}

/** Memory that tensors share: elements from `begin` on of what the file keeps under `key`. */
interface Storage {
  readonly dtype: DType;
  readonly key: string;
  readonly begin: number;
}

/** A tensor as the pickle has it: extents and strides over a storage, in elements. */
export interface TorchTensor {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

const hasKey = (value: unknown, key: string): boolean =>
  typeof value === "object" && value !== null && key in value;
const isStorage = (value: unknown): value is Storage => hasKey(value, "dtype");
export const isTorchTensor = (value: unknown): value is TorchTensor => hasKey(value, "strides");

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isCounts = (value: unknown): value is number[] => Array.isArray(value) && value.every(isCount);

/** Storages by the classes that PyTorch has for them. */
const storages: Readonly<Record<string, DType>> = {
  FloatStorage: "float32",
  DoubleStorage: "float64",
  HalfStorage: "float16",
  LongStorage: "int64",
  IntStorage: "int32",
  ShortStorage: "int16",
  CharStorage: "int8",
  ByteStorage: "uint8",
  BoolStorage: "bool",
};

function rebuildTensor([storage, offset, shape, strides]: readonly unknown[]): TorchTensor {
  if (
    !isStorage(storage) ||
    !isCount(offset) ||
    !isCounts(shape) ||
    !isCounts(strides) ||
    shape.length !== strides.length
  )
    throw new PickleError("a tensor in it is described wrongly");
  return { storage, offset, shape, strides };
}

function orderedDict([pairs = []]: readonly unknown[]): Map<unknown, unknown> {
  if (!Array.isArray(pairs) || !pairs.every((pair) => Array.isArray(pair)))
    throw new PickleError("it fills what is no dict");
  return new Map(pairs as [unknown, unknown][]);
}

const first = ([value]: readonly unknown[]): unknown => value;

/** All that a file may call: what makes dicts and tensors. */
const callables: Readonly<Record<string, Callable["call"]>> = {
  "collections.OrderedDict": orderedDict,
  "torch.Size": first,
  "torch._utils._rebuild_tensor": rebuildTensor,
  "torch._utils._rebuild_tensor_v2": rebuildTensor,
  "torch._utils._rebuild_parameter": first,
  "torch.nn.parameter.Parameter": first,
};

/** PyTorch's own part of its pickles. */
export const torchWorld: PickleWorld = {
  global(module, name) {
    const path = `${module}.${name}`;
    if (Object.hasOwn(callables, path)) return { name, call: callables[path]! };
    if (module !== "torch" || !Object.hasOwn(storages, name)) throw new Refusal(path);
    return {
      name,
      call() {
        throw new Refusal(`${path} by itself`);
      },
    };
  },
  /** `("storage", class, key, device, elements)`, and in old files which part of another storage it is. */
  persistent(id): Storage {
    const [kind, type, key, , , part] = Array.isArray(id) ? (id as unknown[]) : [];
    const dtype = hasKey(type, "name") ? storages[(type as Callable).name] : undefined;
    const begin = Array.isArray(part) ? part[1] : 0;
    if (kind !== "storage" || !dtype || !isCount(begin) || !(typeof key === "string" || isCount(key)))
      throw new PickleError("a storage in it is described wrongly");
    return { dtype, key: String(key), begin };
  },
};

/**
 * The tensor as a constant of that name; its bytes lie in the file as they are where its elements lie row by row, and are read
 * when they are asked for.
 * @param memory all bytes of its storage
 */
export function torchInitializer(
  name: string,
  { storage, offset, shape, strides }: TorchTensor,
  memory: ByteSource | undefined,
): Initializer {
  const { dtype } = storage;
  const step = bytesPerElement(dtype);
  const begin = (storage.begin + offset) * step;
  const count = sizeOf(shape);
  // How far its last element lies behind its first.
  const reach = count && shape.reduce((sum, extent, axis) => sum + (extent - 1) * strides[axis]!, 1);
  // A number that stands for many could fill any memory.
  if (!(count <= reach)) throw new Refusal("an expanded view");
  if (!memory || !(begin + reach * step <= memory.size)) throw new PickleError("it ends too early");
  const { size, read, file } = partOf(memory, begin, reach * step);
  const dense = isDense(shape, strides);
  return {
    name,
    dtype,
    shape,
    get bytes() {
      const bytes = read(0, size);
      return dense ? bytes : gathered(viewBytes(dtype, bytes), shape, strides);
    },
    ...(dense && file ? { file } : {}),
  };
}

/** Whether elements lie row by row without gaps; the strides of extents of 1 say nothing. */
function isDense(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  return [...shape.keys()].reverse().every((axis) => {
    const fits = shape[axis] === 1 || strides[axis] === expected;
    expected *= shape[axis]!;
    return fits;
  });
}

/** The bytes of the elements row by row. */
function gathered(part: TypedArray, shape: readonly number[], strides: readonly number[]): Uint8Array {
  const out = new (part.constructor as new (length: number) => typeof part)(sizeOf(shape));
  const place = shape.map(() => 0);
  let from = 0;
  for (let at = 0; at < out.length; at++) {
    out[at] = part[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      place[axis]!++;
      if (place[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      place[axis] = 0;
    }
  }
  return new Uint8Array(out.buffer);
}
