import type { Tensor } from "../base/tensor.ts";
import type { Graph, Value } from "../graph/graph.ts";

export type Tensors = Readonly<Record<string, Tensor>>;

/** A graph made ready to run. */
export interface Program {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /**
   * Runs the graph on `feeds`, a tensor for every input.
   * @param into tensors that outputs of those names are written to, without a copy; the others are new
   * @throws Error that names the input that is missing or has another type or shape
   */
  run(feeds: Tensors, into?: Tensors): Promise<Record<string, Tensor>>;
  /** Frees the memory behind the program; it cannot run after that. */
  dispose(): Promise<void>;
}

export interface CompileOptions {
  /** Write a trace of every operator's time to files beginning with this path (Node only). */
  readonly profile?: string;
  /** The program will run but once: it is made ready in less time, and takes more to run. */
  readonly once?: boolean;
  /** Its steps are so small that threads would wait for each other longer than they work: it gets one. */
  readonly small?: boolean;
}

/** What runs graphs: ONNX Runtime, natively in Node or as WebAssembly in a browser. */
export interface Engine {
  /** For people and logs, such as "onnxruntime-node 1.30.0, 2 threads". */
  readonly description: string;
  /** Channels in a block of the engine's own convolution layout; undefined where it has none. */
  channelBlock(): Promise<number | undefined>;
  compile(graph: Graph, options?: CompileOptions): Promise<Program>;
  /** Takes an ONNX file as it is, as any host would; text that it gives is left out. */
  load(file: Uint8Array): Promise<Program>;
}

/** ONNX Runtime does not take a graph, or cannot run it to its end; the message is its own, on one line. */
export class EngineError extends Error {
  override readonly name: string = "EngineError";
}

/** Checks feeds against a program's inputs; ONNX Runtime's own message names neither the mend nor the model. */
export function checkFeeds(inputs: readonly Value[], feeds: Tensors): void {
  for (const { name, dtype, shape } of inputs) {
    const feed = feeds[name];
    if (!feed) throw new Error(`the input "${name}" is missing`);
    const fits =
      feed.dtype === dtype &&
      (!shape ||
        (shape.length === feed.shape.length &&
          shape.every((dim, axis) => typeof dim === "string" || dim === feed.shape[axis])));
    if (!fits)
      throw new Error(
        `the input "${name}" takes ${dtype} [${shape?.join(", ") ?? "any"}], not ${feed.dtype} [${feed.shape.join(", ")}]`,
      );
  }
}
