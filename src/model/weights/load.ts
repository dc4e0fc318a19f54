import { UserError } from "../../base/errors.ts";
import { bytesOf, sizeOf, viewBytes } from "../../base/tensor.ts";
import { type Initializer, renamed } from "../../graph/graph.ts";
import type { Architecture } from "../architecture.ts";
import type { Network } from "../model.ts";
import { chooseWeights, sameShape } from "./choose.ts";

export interface LoadOptions {
  /** Weights of the classifier that the file lacks, or has for other classes, stay as they were drawn, to be trained. */
  readonly freshHead?: boolean;
}

export interface Loaded {
  readonly network: Network;
  /** Weights that stayed as they were drawn. */
  readonly fresh: readonly string[];
}

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
  const { initializers } = network.graph;
  const shapes = new Map(weightNames(network).map((key) => [key, initializers.get(key)!.shape]));
  const found = new Map([...tensors].map(([key, tensor]) => [key, fitted(tensor, shapes.get(key))]));
  const { taken, fresh } = chooseWeights({ name, head, classAxis: 0, shapes }, found, source, freshHead);
  const weights = [...taken].map(([key, tensor]): [string, Initializer] => {
    if (tensor.dtype !== "float32")
      throw new UserError(`"${key}" is ${tensor.dtype} in ${source}; save it as float32.`);
    return [key, renamed(tensor, key)];
  });
  const graph = { ...network.graph, initializers: new Map([...initializers, ...weights]) };
  return { network: { ...network, graph }, fresh };
}

/** Names of what layers learn and of the statistics that they keep. */
function weightNames({ layers }: Network): string[] {
  return layers.flatMap(({ parameters, statistics = [] }) => [...parameters, ...statistics]);
}

/**
 * The tensor as the network has it. A dense layer's weights may come as those of a 1×1 or full-size convolution. Of two scores
 * the network has the difference, whose sigmoid is the second's softmax.
 */
function fitted(tensor: Initializer, shape: readonly number[] | undefined): Initializer {
  if (!shape || sameShape(tensor.shape, shape)) return tensor;
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
