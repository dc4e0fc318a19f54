/** Typed functions, one an operator; each adds a node to a builder and returns its output with type and shape. */
export * from "./activations.ts";
export * from "./blocked.ts";
export * from "./convolution.ts";
export * from "./elementwise.ts";
export * from "./enlarge.ts";
export * from "./indexing.ts";
export * from "./movement.ts";
export * from "./normalization.ts";
export * from "./pooling.ts";
export * from "./products.ts";
export * from "./reductions.ts";
export * from "./resize.ts";
export * from "./selection.ts";
export * from "./shapes.ts";
