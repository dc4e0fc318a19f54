/** The library in a browser: the same calls on ONNX Runtime as WebAssembly; files come and go as bytes. */

export { type WebEngineOptions, webEngine } from "./engine/web.ts";
export * from "./library.ts";
