import { UserError } from "../base/errors.ts";
import { sizeOf, type Tensor, type TypedArray, zeros } from "../base/tensor.ts";
import { EngineError, type Program, type Tensors } from "../engine/engine.ts";
import type { Graph } from "../graph/graph.ts";
import { graphFor } from "./batch.ts";
import type { Model } from "./model.ts";

/** A program, and the runs of it that have not ended. */
interface Kept {
  readonly program: Promise<Program>;
  runs: number;
}

/** By model and purpose; those used last stand last. */
const programs = new WeakMap<Model, Map<string, Kept>>();

/** Programs of a model that are kept: explaining by dozens of methods would fill the memory with what is not asked again. */
const MOST = 16;

/** A graph derived from a model's for some purpose. */
export interface Derivation {
  /** Tells it from all others of the model. */
  readonly key: string;
  /** From the model's graph with static shapes for some batch. */
  derive(graph: Graph): Graph;
}

/**
 * Runs a graph derived from the model's on a batch: the first extent of every tensor in `feeds` and of every result is the
 * batch's. Compiled once for each key and batch. A model that takes one picture at a time is run as often as there are pictures.
 * @throws UserError when the model's own graph cannot be run
 */
export async function runBatch(model: Model, feeds: Tensors, derivation: Derivation): Promise<Tensors> {
  const n = Object.values(feeds)[0]!.shape[0]!;
  const graph = await graphFor(model, n);
  if (graph) {
    try {
      return await run(model, derivation, graph, n, feeds);
    } catch (error) {
      if (error instanceof EngineError) await checkSound(model, graph, n);
      throw error;
    }
  }
  const rows: Tensors[] = [];
  for (let row = 0; row < n; row++) {
    const one = Object.entries(feeds).map(([name, tensor]) => [name, rowOf(tensor, row)] as const);
    rows.push(await runBatch(model, Object.fromEntries(one), derivation));
  }
  return Object.fromEntries(
    Object.keys(rows[0]!).map((name) => [name, stacked(rows.map((row) => row[name]!))]),
  );
}

/**
 * A file of ours is not run when it is opened. Where its graph by itself cannot be, the file is at fault, and not what was made of it.
 * @throws UserError then
 */
async function checkSound({ engine, input, source }: Model, graph: Graph, n: number): Promise<void> {
  const { name, channels, height, width } = input;
  const nothing = zeros("float32", [n, channels, height, width]);
  try {
    const program = await engine.compile(graph, { once: true });
    await program.run({ [name]: nothing }).finally(() => program.dispose());
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new UserError(
      `${source} cannot be run (ONNX Runtime: ${error.message}); its file may be damaged, make it anew.`,
    );
  }
}

async function run(
  model: Model,
  { key, derive }: Derivation,
  graph: Graph,
  n: number,
  feeds: Tensors,
): Promise<Tensors> {
  const known = programs.get(model) ?? new Map<string, Kept>();
  programs.set(model, known);
  const name = `${key} for ${n}`;
  const kept = known.get(name) ?? { program: model.engine.compile(derive(graph)), runs: 0 };
  known.delete(name);
  known.set(name, kept);
  kept.runs++;
  try {
    await forget(known);
    return await (await kept.program).run(feeds);
  } finally {
    kept.runs--;
  }
}

/** Frees those that were not used for longest, unless they run. */
async function forget(known: Map<string, Kept>): Promise<void> {
  for (const [name, kept] of known) {
    if (known.size <= MOST) return;
    if (kept.runs > 0) continue;
    known.delete(name);
    await free(kept);
  }
}

/** What could not be compiled holds nothing, and was said when it was asked for. */
const free = async ({ program }: Kept): Promise<void> => (await program.catch(() => undefined))?.dispose();

/** Frees the memory of every program compiled for the model. */
export async function closeModel(model: Model): Promise<void> {
  const open = [...(programs.get(model)?.values() ?? [])];
  programs.delete(model);
  await Promise.all(open.map(free));
}

/** Row `row` of a batch as a batch of one. */
function rowOf({ dtype, shape, data }: Tensor, row: number): Tensor {
  const size = sizeOf(shape.slice(1));
  return { dtype, shape: [1, ...shape.slice(1)], data: data.slice(row * size, (row + 1) * size) } as Tensor;
}

function stacked(parts: readonly Tensor[]): Tensor {
  const [first] = parts as [Tensor, ...Tensor[]];
  const size = first.data.length;
  const data: TypedArray = new (first.data.constructor as new (length: number) => typeof first.data)(
    size * parts.length,
  );
  for (const [row, part] of parts.entries())
    (data as Float32Array).set(part.data as Float32Array, row * size);
  return { dtype: first.dtype, shape: first.shape.with(0, parts.length), data } as Tensor;
}
