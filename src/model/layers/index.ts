/** Layers for `architectures/`, one file each, in Keras's terms. */
export * from "./activation.ts";
export * from "./add.ts";
export * from "./average-pooling2d.ts";
export * from "./batch-normalization.ts";
export * from "./concatenate.ts";
export * from "./conv2d.ts";
export * from "./dense.ts";
export * from "./dropout.ts";
export * from "./flatten.ts";
export * from "./global-average-pooling2d.ts";
export * from "./max-pooling2d.ts";
export * from "./multiply.ts";
