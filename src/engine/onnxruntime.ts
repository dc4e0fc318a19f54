import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-common";
import type { Tensor } from "../base/tensor.ts";
import type { Graph } from "../graph/graph.ts";
import { writeOnnx } from "../graph/onnx/write.ts";
import { type CompileOptions, checkFeeds, type Engine, type Program, type Tensors } from "./engine.ts";

/** What onnxruntime-node and onnxruntime-web have in common. */
export interface OnnxRuntime {
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: typeof OrtTensor;
}

/** An engine over either build of ONNX Runtime. */
export function onnxRuntimeEngine(
  ort: OnnxRuntime,
  description: string,
  options: InferenceSession.SessionOptions,
): Engine {
  const wrap = ({ dtype, shape, data }: Tensor): OrtTensor =>
    new ort.Tensor(dtype, data as Float32Array, shape);
  return {
    description,
    async compile(graph: Graph, { profile }: CompileOptions = {}): Promise<Program> {
      const session = await ort.InferenceSession.create(writeOnnx(graph), {
        ...options,
        ...(profile ? { enableProfiling: true, profileFilePrefix: profile } : {}),
      });
      return {
        inputs: graph.inputs,
        outputs: graph.outputs,
        async run(feeds: Tensors, into: Tensors = {}) {
          checkFeeds(graph.inputs, feeds);
          const fetches = Object.fromEntries(
            graph.outputs.map(({ name }) => [name, into[name] ? wrap(into[name]) : null]),
          );
          const results = await session.run(
            Object.fromEntries(graph.inputs.map(({ name }) => [name, wrap(feeds[name]!)])),
            fetches,
          );
          return Object.fromEntries(
            graph.outputs.map(({ name }) => [name, into[name] ?? unwrap(results[name]!)]),
          );
        },
        async dispose() {
          if (profile) session.endProfiling();
          await session.release();
        },
      };
    },
  };
}

function unwrap({ type, dims, data }: OrtTensor): Tensor {
  return { dtype: type, shape: dims, data } as Tensor;
}
