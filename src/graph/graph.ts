import { bytesOf, type DType, type Tensor, viewBytes } from "../base/tensor.ts";

/** An extent: a number, or the name of one that is free until the graph is specialised (the batch, `"N"`). */
export type Dim = number | string;
export type Shape = readonly Dim[];

/** What flows through a graph: numbers, or text, which none of our tensors holds. */
export type ValueType = DType | "string";

/** A tensor that flows through a graph. Its name is unique in the graph; every value is assigned once. */
export interface Value {
  readonly name: string;
  readonly dtype: ValueType;
  /** Undefined where a file does not say and nobody has run the graph yet. */
  readonly shape: Shape | undefined;
}

export type Attribute =
  | { readonly type: "int"; readonly value: number }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "ints"; readonly value: readonly number[] }
  | { readonly type: "floats"; readonly value: readonly number[] }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "tensor"; readonly value: Tensor }
  | { readonly type: "graph"; readonly value: Graph };

export type Attributes = Readonly<Record<string, Attribute>>;

/**
 * One application of an operator. `""` stands for an optional input that is left out, as in ONNX. What graphs in its
 * attributes, such as the branches of an If, read from around the node are its last inputs, in order of appearance; so
 * whoever asks what a node depends on need not look into them.
 */
export interface Node {
  readonly name: string;
  readonly op: string;
  /** `""` for ONNX's own operators, `"com.microsoft"` for ONNX Runtime's. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** A constant of the graph, as a view of its bytes: opening a file copies no weights. */
export interface Initializer {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /**
   * Little-endian, row-major. Of a file opened by its path they are read anew each time they are asked for, and so they are
   * with `{ ...initializer }`.
   */
  readonly bytes: Uint8Array;
  /** The file that holds `bytes` as they are, and where they begin in it. */
  readonly file?: { readonly path: string; readonly offset: number };
}

/** A dataflow graph in static single assignment form; nodes stand in an order in which they can run. */
export interface Graph {
  readonly name: string;
  /** The set of ONNX's operators that the nodes are written in, at least `OPSET`. */
  readonly opset: number;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Initializer>;
  /** Type and shape of every value known by name: inputs, initializers, node outputs. */
  readonly values: ReadonlyMap<string, Value>;
  /** ONNX metadata properties: free text by key. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** The operator set that our own graphs are written in; files of older sets are brought to it when read. */
export const OPSET = 18;

export const int = (value: number): Attribute => ({ type: "int", value });
export const float = (value: number): Attribute => ({ type: "float", value });
export const string = (value: string): Attribute => ({ type: "string", value });
export const ints = (value: readonly number[]): Attribute => ({ type: "ints", value });
export const floats = (value: readonly number[]): Attribute => ({ type: "floats", value });

/** The same constant under another name; its bytes stay unread. */
export function renamed(initializer: Initializer, name: string): Initializer {
  const { name: _, ...properties } = Object.getOwnPropertyDescriptors(initializer);
  return Object.defineProperties({ name } as Initializer, properties);
}

/** The tensor as a constant; its memory is shared. */
export function initializerOf(name: string, tensor: Tensor): Initializer {
  return { name, dtype: tensor.dtype, shape: tensor.shape, bytes: bytesOf(tensor) };
}

/** The initializer's elements as a tensor (a view where alignment allows). */
export function initializerTensor(initializer: Initializer): Tensor {
  const { dtype, shape, bytes } = initializer;
  return { dtype, shape, data: viewBytes(dtype, bytes) };
}

/**
 * The value's shape as numbers.
 * @throws Error when it is unknown or has a free extent: specialise or trace the graph first.
 */
export function staticShape(value: Value): readonly number[] {
  if (!value.shape) throw new Error(`the shape of "${value.name}" is not known`);
  return value.shape.map((dim) => {
    if (typeof dim === "string") throw new Error(`"${value.name}" has a free extent "${dim}"`);
    return dim;
  });
}

/** The extents after the first (the batch), which must be numbers. */
export function staticShapeAfterBatch(value: Value): readonly number[] {
  return staticShape({ ...value, shape: value.shape?.slice(1) });
}

/** The node that produces each value. */
export function producers(graph: Pick<Graph, "nodes">): Map<string, Node> {
  return new Map(graph.nodes.flatMap((node) => node.outputs.filter(Boolean).map((name) => [name, node])));
}

/** The same graph with named extents fixed, `specialize(graph, { N: 20 })`, in every value. */
export function specialize(graph: Graph, extents: Readonly<Record<string, number>>): Graph {
  const fix = (value: Value): Value =>
    value.shape?.some((dim) => typeof dim === "string" && dim in extents)
      ? { ...value, shape: value.shape.map((dim) => (typeof dim === "string" ? (extents[dim] ?? dim) : dim)) }
      : value;
  return {
    ...graph,
    inputs: graph.inputs.map(fix),
    outputs: graph.outputs.map(fix),
    values: new Map([...graph.values].map(([name, value]) => [name, fix(value)])),
  };
}

/** The part of the graph that the named values depend on, with those values as its outputs. */
export function extract(graph: Graph, outputs: readonly string[]): Graph {
  const needed = new Set(outputs);
  const nodes: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    nodes.unshift(node);
    for (const name of node.inputs) needed.add(name);
  }
  return {
    ...graph,
    nodes,
    inputs: graph.inputs.filter((value) => needed.has(value.name)),
    outputs: outputs.map((name) => {
      const value = graph.values.get(name);
      if (!value) throw new Error(`the graph has no value "${name}"`);
      return value;
    }),
    initializers: new Map([...graph.initializers].filter(([name]) => needed.has(name))),
  };
}

/** The part of the graph behind the named value, which becomes an input; of the others those stay that are needed. */
export function entering(graph: Graph, name: string): Graph {
  const value = graph.values.get(name);
  if (!value) throw new Error(`the graph has no value "${name}"`);
  // What made it may make something else as well, which is still needed.
  const unread = `${name}/unread`;
  const cut = {
    ...graph,
    inputs: [value, ...graph.inputs.filter((input) => input.name !== name)],
    nodes: graph.nodes.map((node) => ({
      ...node,
      outputs: node.outputs.map((output) => (output === name ? unread : output)),
    })),
    values: new Map([...graph.values, [unread, { ...value, name: unread }]]),
  };
  return extract(
    cut,
    graph.outputs.map((output) => output.name),
  );
}
