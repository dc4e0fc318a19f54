import * as ort from "onnxruntime-web/wasm";
import type { Engine } from "./engine.ts";
import { onnxRuntimeEngine } from "./onnxruntime.ts";

export interface WebEngineOptions {
  /** Folder (URL ending in `/`) that serves onnxruntime-web's `.wasm` and `.mjs` files. */
  readonly wasmPaths?: string;
  /** More than one needs a cross-origin isolated page. */
  readonly threads?: number;
}

/** ONNX Runtime as WebAssembly, in a browser. */
export function webEngine({ wasmPaths, threads = 1 }: WebEngineOptions = {}): Engine {
  if (wasmPaths) ort.env.wasm.wasmPaths = wasmPaths;
  ort.env.wasm.numThreads = threads;
  return onnxRuntimeEngine(
    ort,
    `onnxruntime-web ${ort.env.versions.web}, ${threads} threads`,
    {
      executionProviders: ["wasm"],
      graphOptimizationLevel: "all",
      // What is wrong it throws too; its log would say it twice.
      logSeverityLevel: 4,
    },
    false,
  );
}
