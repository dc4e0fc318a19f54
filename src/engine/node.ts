import { availableParallelism } from "node:os";
import * as ort from "onnxruntime-node";
import type { Engine } from "./engine.ts";
import { openBeside } from "./mapped.node.ts";
import { onnxRuntimeEngine } from "./onnxruntime.ts";

export interface NodeEngineOptions {
  /** Threads for one operator; as many as there are processors unless said. Results depend on it in the last bit. */
  readonly threads?: number;
}

/** ONNX Runtime on the processor. */
export function nodeEngine({ threads = availableParallelism() }: NodeEngineOptions = {}): Engine {
  return onnxRuntimeEngine(
    ort,
    `onnxruntime-node ${ort.env.versions.node}, ${threads} thread${threads === 1 ? "" : "s"}`,
    {
      executionProviders: ["cpu"],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // Planned memory is 2% faster, but comes on top of what the first run took: 290 MB for the small convnet's step.
      enableMemPattern: false,
      graphOptimizationLevel: "all",
      // What is wrong it throws too; its log would say it twice.
      logSeverityLevel: 4,
      // Squares of small gradients decay into denormals, which are many times slower to compute with.
      extra: { session: { set_denormal_as_zero: "1" } },
    },
    true,
    openBeside,
  );
}
