import * as ort from "onnxruntime-node";
import type { Tensor } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import type { Graph } from "../../src/graph/graph.ts";

const engine = nodeEngine({ threads: 1 });

export type Tensors = Readonly<Record<string, Tensor>>;

/** Outputs of a file as it is, from ONNX Runtime. */
export async function runFile(file: Uint8Array | string, feeds: Tensors): Promise<Tensors> {
  const options = { logSeverityLevel: 4, intraOpNumThreads: 1 } as const;
  const session = await (typeof file === "string"
    ? ort.InferenceSession.create(file, options)
    : ort.InferenceSession.create(file, options));
  try {
    const wrapped = Object.entries(feeds).map(
      ([name, { dtype, data, shape }]) => [name, new ort.Tensor(dtype, data as Float32Array, shape)] as const,
    );
    const results = await session.run(Object.fromEntries(wrapped));
    return Object.fromEntries(
      Object.entries(results).map(([name, { type, dims, data }]) => [
        name,
        { dtype: type, shape: dims, data } as Tensor,
      ]),
    );
  } finally {
    await session.release();
  }
}

/** Outputs of a graph of ours. */
export async function runGraph(graph: Graph, feeds: Tensors): Promise<Tensors> {
  const program = await engine.compile(graph);
  try {
    return await program.run(feeds);
  } finally {
    await program.dispose();
  }
}
