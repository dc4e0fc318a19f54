import type { Program } from "../engine/engine.ts";
import type { Graph } from "../graph/graph.ts";
import type { Model } from "./model.ts";

const programs = new WeakMap<Model, Map<string, Promise<Program>>>();

/** The program for a graph derived from the model, compiled once for each `key`. */
export function programFor(model: Model, key: string, build: () => Graph): Promise<Program> {
  const known = programs.get(model) ?? new Map<string, Promise<Program>>();
  programs.set(model, known);
  const program = known.get(key) ?? model.engine.compile(build());
  known.set(key, program);
  return program;
}

/** Frees the memory of every program compiled for the model. */
export async function closeModel(model: Model): Promise<void> {
  const open = [...(programs.get(model)?.values() ?? [])];
  programs.delete(model);
  await Promise.all(open.map(async (program) => (await program).dispose()));
}
