/** Layers for `architectures/`, one file each, in Keras's terms. */
export * from "./conv2d.ts";
export * from "./dense.ts";
export * from "./dropout.ts";
export * from "./flatten.ts";
export * from "./max-pooling2d.ts";
