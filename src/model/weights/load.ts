import { listNames, UserError } from "../../base/errors.ts";
import { bytesOf, sizeOf, viewBytes } from "../../base/tensor.ts";
import { type Initializer, renamed } from "../../graph/graph.ts";
import type { Architecture } from "../architecture.ts";
import type { Network } from "../model.ts";

export interface LoadOptions {
  /** Weights of the classifier that the file lacks, or has for other classes, stay as they were drawn, to be trained. */
  readonly freshHead?: boolean;
}

export interface Loaded {
  readonly network: Network;
  /** Weights that stayed as they were drawn. */
  readonly fresh: readonly string[];
}

/** What files hold beside the weights that a prediction needs: counters, and classifiers that serve training alone. */
const idle = /\.num_batches_tracked$|^AuxLogits\.|^aux[12]\./;

/**
 * The network with the weights of a file, which are read when somebody asks for them.
 * @param tensors by torchvision's names
 * @param source what to call the file in errors
 * @throws UserError naming the weight that is missing, has another shape or belongs to another network
 */
export function loadWeights(
  { name, head }: Architecture,
  network: Network,
  tensors: ReadonlyMap<string, Initializer>,
  source: string,
  { freshHead = false }: LoadOptions = {},
): Loaded {
  const { graph } = network;
  const initializers = new Map(graph.initializers);
  const wanted = weightNames(network);
  const [fresh, missing]: [string[], string[]] = [[], []];
  for (const key of wanted) {
    const { shape } = graph.initializers.get(key)!;
    const tensor = fitted(tensors.get(key), shape);
    const fits = tensor && sameShape(tensor.shape, shape);
    if (freshHead && !fits && key.startsWith(head)) fresh.push(key);
    else if (!tensor) missing.push(key);
    else if (!fits) throw otherShape(key, tensor.shape, shape, name, head, source);
    else if (tensor.dtype !== "float32")
      throw new UserError(`"${key}" is ${tensor.dtype} in ${source}; save it as float32.`);
    else initializers.set(key, renamed(tensor, key));
  }
  if (missing.length > 0) throw lacking(missing, wanted.length, name, head, source);
  checkOthers([...tensors.keys()], new Set(wanted), name, source);
  return { network: { ...network, graph: { ...graph, initializers } }, fresh };
}

/** Names of what layers learn and of the statistics that they keep. */
function weightNames({ layers }: Network): string[] {
  return layers.flatMap(({ parameters, statistics = [] }) => [...parameters, ...statistics]);
}

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((extent, axis) => extent === b[axis]);

/**
 * The tensor as the network has it. A dense layer's weights may come as those of a 1×1 or full-size convolution. Of two scores
 * the network has the difference, whose sigmoid is the second's softmax.
 */
function fitted(tensor: Initializer | undefined, shape: readonly number[]): Initializer | undefined {
  if (!tensor || sameShape(tensor.shape, shape)) return tensor;
  const rows = tensor.shape[0];
  if (tensor.shape.length > shape.length && rows === shape[0] && sizeOf(tensor.shape) === sizeOf(shape))
    return withBytes(tensor, shape, () => tensor.bytes);
  const pair = rows === 2 && sameShape([1, ...tensor.shape.slice(1)], shape);
  return pair && tensor.dtype === "float32" ? withBytes(tensor, shape, () => difference(tensor)) : tensor;
}

/** The constant with another shape, its bytes made when they are asked for. */
function withBytes(
  { name, dtype }: Initializer,
  shape: readonly number[],
  make: () => Uint8Array,
): Initializer {
  return {
    name,
    dtype,
    shape,
    get bytes() {
      return make();
    },
  };
}

/** The second row minus the first. */
function difference({ bytes }: Initializer): Uint8Array {
  const data = viewBytes("float32", bytes);
  const size = data.length / 2;
  const row = Float32Array.from({ length: size }, (_, at) => data[size + at]! - data[at]!);
  return bytesOf({ dtype: "float32", shape: [size], data: row });
}

const shapeText = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

function otherShape(
  key: string,
  found: readonly number[],
  shape: readonly number[],
  name: string,
  head: string,
  source: string,
): UserError {
  const both = `"${key}" is ${shapeText(shape)} in ${name} but ${shapeText(found)} in ${source}`;
  const classes = key.startsWith(head) && sameShape(found.slice(1), shape.slice(1));
  return new UserError(
    classes
      ? `${both}; name its ${found[0]} classes (--classes), or train a new classifier for yours (--fresh-head).`
      : `${both}; is it another architecture's?`,
  );
}

function lacking(
  missing: readonly string[],
  count: number,
  name: string,
  head: string,
  source: string,
): UserError {
  const others =
    missing.length > 1 ? `, nor ${missing.length - 1} more of the ${count} weights of ${name}` : "";
  const mend = missing.every((key) => key.startsWith(head))
    ? "it was saved without its classifier; take it for the rest (--fresh-head)."
    : "is it another architecture's?";
  return new UserError(`${source} has no "${missing[0]}"${others}; ${mend}`);
}

/** A larger network of the same family holds all that a smaller one asks for, and would go unnoticed. */
function checkOthers(
  names: readonly string[],
  wanted: ReadonlySet<string>,
  name: string,
  source: string,
): void {
  const others = names.filter((key) => !wanted.has(key) && !idle.test(key));
  if (others.length > 0)
    throw new UserError(
      `${source} holds ${listNames(others, 3)}, which ${name} has not; is it another architecture's?`,
    );
}
