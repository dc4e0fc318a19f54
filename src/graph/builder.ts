import type { Tensor } from "../base/tensor.ts";
import {
  type Attributes,
  type Graph,
  type Initializer,
  initializerOf,
  type Node,
  OPSET,
  type Shape,
  type Value,
  type ValueType,
} from "./graph.ts";

export interface NodeSpec {
  readonly op: string;
  readonly domain?: string;
  /** `undefined` leaves an optional input out. */
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes?: Attributes;
  readonly outputs: readonly { readonly dtype: ValueType; readonly shape: Shape | undefined }[];
}

/**
 * Writes a graph, from nothing or on top of another one. Operators are functions over it (`operators/`), each adding
 * a node and returning its output with type and shape.
 */
export class GraphBuilder {
  readonly #opset: number;
  readonly #inputs: Value[] = [];
  readonly #nodes: Node[] = [];
  readonly #initializers = new Map<string, Initializer>();
  readonly #values = new Map<string, Value>();
  readonly #metadata = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #scopes: string[] = [];

  /** Begins as a copy of `graph`, sharing its weights; its outputs are chosen anew in `finish`. */
  constructor(graph?: Graph) {
    this.#opset = graph?.opset ?? OPSET;
    if (!graph) return;
    this.#inputs.push(...graph.inputs);
    this.#nodes.push(...graph.nodes);
    for (const [name, initializer] of graph.initializers) this.#initializers.set(name, initializer);
    for (const [name, value] of graph.values) this.#values.set(name, value);
    for (const [key, text] of graph.metadata) this.#metadata.set(key, text);
  }

  /** Nodes so far, in running order. */
  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  input(name: string, dtype: ValueType, shape: Shape): Value {
    const value = this.#declare({ name, dtype, shape });
    this.#inputs.push(value);
    return value;
  }

  /** A named constant, such as a weight. The tensor's memory is shared, not copied. */
  initializer(name: string, tensor: Tensor): Value {
    return this.add(initializerOf(name, tensor));
  }

  /** A constant as it is: its bytes stay unread until somebody asks for them. */
  add(constant: Initializer): Value {
    const { name, dtype, shape } = constant;
    const value = this.#declare({ name, dtype, shape });
    this.#initializers.set(name, constant);
    return value;
  }

  /** An unnamed constant. */
  constant(tensor: Tensor): Value {
    return this.initializer(this.#fresh("constant"), tensor);
  }

  /** The constant behind a value, if it is one. */
  constantOf(value: Value): Initializer | undefined {
    return this.#initializers.get(value.name);
  }

  metadata(key: string, text: string): void {
    this.#metadata.set(key, text);
  }

  value(name: string): Value {
    const value = this.#values.get(name);
    if (!value) throw new Error(`the graph has no value "${name}"`);
    return value;
  }

  /** Adds a node; its outputs are named after the scope and the operator. */
  node(spec: NodeSpec): Value[] {
    const name = this.#fresh(spec.op);
    const outputs = spec.outputs.map(({ dtype, shape }, index) =>
      this.#declare({ name: index ? `${name}:${index}` : name, dtype, shape }),
    );
    this.#nodes.push({
      name,
      op: spec.op,
      domain: spec.domain ?? "",
      inputs: spec.inputs.map((value) => value?.name ?? ""),
      outputs: outputs.map((value) => value.name),
      attributes: spec.attributes ?? {},
    });
    return outputs;
  }

  /** Adds a node as it is; its values are known to the builder, or become so without a shape. */
  append(node: Node): void {
    for (const name of node.outputs)
      if (name && !this.#values.has(name)) this.#declare({ name, dtype: "float32", shape: undefined });
    this.#nodes.push(node);
  }

  /** The node's output at `index`, asked of the operator if it was left out so far. */
  output(node: Node, index: number, dtype: ValueType, shape: Shape | undefined): Value {
    const at = this.#nodes.findIndex((other) => other.outputs[0] === node.outputs[0]);
    const outputs = [...this.#nodes[at]!.outputs];
    if (outputs[index]) return this.value(outputs[index]);
    const value = this.#declare({ name: `${outputs[0]}:${index}`, dtype, shape });
    while (outputs.length < index) outputs.push("");
    outputs[index] = value.name;
    this.#nodes[at] = { ...this.#nodes[at]!, outputs };
    return value;
  }

  /** Gives the output of a node another name, everywhere. */
  rename(value: Value, name: string): Value {
    const renamed = this.#declare({ ...value, name });
    this.#values.delete(value.name);
    const swap = (names: readonly string[]): readonly string[] =>
      names.includes(value.name) ? names.map((other) => (other === value.name ? name : other)) : names;
    this.#nodes.forEach((node, at) => {
      this.#nodes[at] = { ...node, inputs: swap(node.inputs), outputs: swap(node.outputs) };
    });
    return renamed;
  }

  /** Runs `build` with every new name under `scope/`. */
  scope<T>(scope: string, build: () => T): T {
    this.#scopes.push(scope);
    try {
      return build();
    } finally {
      this.#scopes.pop();
    }
  }

  /** Turns a constant into an input of the same name, so that it can change from run to run. */
  promote(name: string): Value {
    if (!this.#initializers.delete(name)) throw new Error(`"${name}" is not a constant of the graph`);
    const value = this.value(name);
    this.#inputs.push(value);
    return value;
  }

  /** The finished graph. Output names are the keys; nodes and constants that nothing needs are dropped. */
  finish(name: string, outputs: Readonly<Record<string, Value>>): Graph {
    const named = Object.entries(outputs).map(([key, value]) => this.#name(key, value));
    const needed = new Set(named.map((value) => value.name));
    const nodes: Node[] = [];
    for (const node of this.#nodes.toReversed()) {
      if (!node.outputs.some((output) => needed.has(output))) continue;
      nodes.push(node);
      for (const input of node.inputs) needed.add(input);
    }
    nodes.reverse();
    const inputs = this.#inputs.filter((value) => needed.has(value.name));
    for (const value of inputs) needed.add(value.name);
    for (const node of nodes) for (const output of node.outputs) needed.add(output);
    return {
      name,
      opset: this.#opset,
      inputs,
      outputs: named,
      nodes,
      initializers: new Map([...this.#initializers].filter(([key]) => needed.has(key))),
      values: new Map([...this.#values].filter(([key]) => needed.has(key))),
      metadata: this.#metadata,
    };
  }

  /** Gives an output the name that callers will use: an Identity, which ONNX Runtime removes. */
  #name(name: string, value: Value): Value {
    if (value.name === name) return value;
    if (this.#values.has(name)) throw new Error(`the name "${name}" is taken`);
    const output = this.#declare({ ...value, name });
    const names = new Set(this.#nodes.map((node) => node.name));
    let node = `${name}/output`;
    while (names.has(node)) node += "_1";
    this.#nodes.push({
      name: node,
      op: "Identity",
      domain: "",
      inputs: [value.name],
      outputs: [name],
      attributes: {},
    });
    return output;
  }

  #declare(value: Value): Value {
    if (this.#values.has(value.name)) throw new Error(`the name "${value.name}" is taken`);
    this.#values.set(value.name, value);
    return value;
  }

  #fresh(stem: string): string {
    const path = [...this.#scopes, stem].join("/");
    for (;;) {
      const count = this.#counts.get(path) ?? 0;
      this.#counts.set(path, count + 1);
      const name = count ? `${path}_${count}` : path;
      if (!this.#values.has(name)) return name;
    }
  }
}
