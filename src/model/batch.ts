import { random } from "../base/random.ts";
import { bytesOf, float32, int64, sizeOf, type Tensor } from "../base/tensor.ts";
import type { Engine } from "../engine/engine.ts";
import { traceShapes } from "../engine/trace.ts";
import {
  extract,
  type Graph,
  type Initializer,
  initializerTensor,
  specialize,
  type Value,
} from "../graph/graph.ts";
import { BATCH, type InputSpec, type Model, type Network } from "./model.ts";

const graphs = new WeakMap<Model, Map<number, Promise<Graph | undefined>>>();

/** Constants by name. */
type Constants = ReadonlyMap<string, Initializer>;

/** Of a model with other constants the one that it was made from. */
const origins = new WeakMap<Network, { readonly model: Model; readonly constants: Constants }>();

/**
 * The network with other constants under the same names and in the same shapes. What is found of the shapes of a model holds for all that
 * are made from it.
 */
export function withConstants<N extends Network>(network: N, constants: Constants): N {
  const { graph, general } = network;
  const changed: N = {
    ...network,
    graph: replaced(graph, constants),
    ...(general ? { general: replaced(general, constants) } : {}),
  };
  if (isModel(network)) origins.set(changed, { model: network, constants });
  return changed;
}

const isModel = (network: Network): network is Model => "engine" in network;

const replaced = (graph: Graph, constants: Constants): Graph => ({
  ...graph,
  initializers: new Map([...graph.initializers, ...constants]),
});

/**
 * The model's graph for a batch of `n`, with all shapes static; undefined where a graph from elsewhere can only take one picture
 * at a time. Found once for each `n`.
 */
export async function graphFor(model: Model, n: number): Promise<Graph | undefined> {
  const origin = origins.get(model);
  if (origin) {
    const graph = await graphFor(origin.model, n);
    return graph && replaced(graph, origin.constants);
  }
  const known = graphs.get(model) ?? new Map<number, Promise<Graph | undefined>>();
  graphs.set(model, known);
  const graph = known.get(n) ?? derive(model, n);
  known.set(n, graph);
  return graph;
}

async function derive(model: Model, n: number): Promise<Graph | undefined> {
  const { graph, general, input, engine } = model;
  if (!general) return specialize(graph, { [BATCH]: n });
  if (n === 1) return graph;
  if (!(await isBatchable(model))) return undefined;
  return trace(engine, general, input, n);
}

/** The graph with its shapes for a batch of `n`, found by running it on noise. */
export async function trace(engine: Engine, graph: Graph, input: InputSpec, n: number): Promise<Graph> {
  return traceShapes(engine, widened(graph, n), { [input.name]: noise(input, n) });
}

const batchable = new WeakMap<Model, Promise<boolean>>();

/** Whether a batch of two gives each picture the output that it gets alone; some graphs mix or drop what comes second. */
function isBatchable(model: Model): Promise<boolean> {
  const known = batchable.get(model) ?? compare(model);
  batchable.set(model, known);
  return known;
}

async function compare({ engine, graph, general, input }: Model): Promise<boolean> {
  const pair = noise(input, 2);
  const size = pair.data.length / 2;
  // Of a classifier the logits.
  const [output] = graph.outputs as readonly [Value];
  const run = async (part: Graph, inputs: Tensor<"float32">): Promise<Float32Array> => {
    const program = await engine.compile(extract(part, [output.name]));
    try {
      const { [output.name]: result } = await program.run({ [input.name]: inputs });
      return result!.data as Float32Array;
    } finally {
      await program.dispose();
    }
  };
  try {
    const together = await run(widened(general!, 2), pair);
    const second = float32([1, ...pair.shape.slice(1)], pair.data.slice(size));
    const alone = await run(graph, second);
    const scale = alone.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const rest = together.subarray(together.length - alone.length);
    return (
      together.length === 2 * alone.length &&
      rest.every((value, at) => Math.abs(value - alone[at]!) <= 1e-4 * scale)
    );
  } catch {
    return false;
  }
}

/** Operators whose constant input names a shape that may begin with the batch. */
const shapeInputs: Readonly<Record<string, number>> = { Reshape: 1, Expand: 1, ConstantOfShape: 0 };

/** The graph for a batch of `n`; where it was exported for one picture, shapes that begin with 1 begin with `n`. */
function widened(graph: Graph, n: number): Graph {
  const fixed = graph.inputs[0]!.shape![0] === 1 && n > 1;
  if (!fixed) return unshaped(specialize(graph, { [BATCH]: n }));
  const initializers = new Map(graph.initializers);
  for (const node of graph.nodes) {
    const shape = initializers.get(node.inputs[shapeInputs[node.op] ?? -1] ?? "");
    if (shape) initializers.set(shape.name, beginningWith(shape, n));
  }
  const [input] = graph.inputs;
  const wide = { ...input!, shape: input!.shape!.with(0, n) };
  const values = new Map([...graph.values, [wide.name, wide]]);
  return unshaped({ ...graph, inputs: [wide], initializers, values });
}

function beginningWith(shape: Initializer, n: number): Initializer {
  const extents = [...(initializerTensor(shape).data as BigInt64Array)].map(Number);
  if (extents[0] !== 1) return shape;
  return { ...shape, bytes: bytesOf(int64([extents.length], extents.with(0, n))) };
}

/** Without the shapes that the file claims for what is computed: they may be those of another batch. */
function unshaped(graph: Graph): Graph {
  const known = new Set([...graph.inputs.map(({ name }) => name), ...graph.initializers.keys()]);
  const open = <T extends { readonly name: string }>(value: T): T =>
    known.has(value.name) ? value : { ...value, shape: undefined };
  return {
    ...graph,
    outputs: graph.outputs.map(open),
    values: new Map([...graph.values].map(([name, value]) => [name, open(value)])),
  };
}

/** Something to run on: seeded, so that a network is opened the same way each time. */
function noise({ channels, height, width }: InputSpec, n: number): Tensor<"float32"> {
  const source = random(0, "trace");
  const shape = [n, channels, height, width];
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => source.uniform(0, 1)),
  );
}
