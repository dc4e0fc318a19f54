import { type FunctionalModel, layer, type Output } from "./functional-model.ts";

interface Named {
  readonly name?: string | undefined;
}

interface Window extends Named {
  /** Along both axes, or `[height, width]`. */
  readonly kernel: number | readonly [number, number];
  readonly strides?: number;
  readonly padding?: "valid" | "same";
}

const pair = (size: Window["kernel"]): readonly [number, number] =>
  typeof size === "number" ? [size, size] : size;

/** A picture of `size` × `size` pixels in three channels. */
export function input(model: FunctionalModel, size: number): Output {
  const config = { batch_input_shape: [null, size, size, 3] };
  return layer(model, "InputLayer", [], { name: "input_1", config, channels: 3 });
}

export function conv2d(
  model: FunctionalModel,
  x: Output,
  {
    filters,
    kernel,
    strides = 1,
    padding = "valid",
    bias = false,
    activation = "linear",
    name,
  }: Window & { readonly filters: number; readonly bias?: boolean; readonly activation?: string },
): Output {
  return layer(model, "Conv2D", [x], {
    name,
    config: { filters, kernel_size: pair(kernel), strides, padding, use_bias: bias, activation },
    weights: { kernel: [...pair(kernel), x.channels, filters], ...(bias ? { bias: [filters] } : {}) },
    channels: filters,
  });
}

/** Without a bias. */
export function depthwiseConv2d(
  model: FunctionalModel,
  x: Output,
  { kernel, strides = 1, padding = "valid", name }: Window,
): Output {
  return layer(model, "DepthwiseConv2D", [x], {
    name,
    config: { kernel_size: pair(kernel), strides, padding, use_bias: false },
    weights: { depthwise_kernel: [...pair(kernel), x.channels, 1] },
  });
}

export function batchNormalization(
  model: FunctionalModel,
  x: Output,
  { epsilon, scale = true, name }: Named & { readonly epsilon: number; readonly scale?: boolean },
): Output {
  const each = [x.channels];
  return layer(model, "BatchNormalization", [x], {
    name,
    config: { axis: 3, epsilon, scale },
    weights: { ...(scale ? { gamma: each } : {}), beta: each, moving_mean: each, moving_variance: each },
  });
}

export const activation = (model: FunctionalModel, x: Output, activation: string, name?: string): Output =>
  layer(model, "Activation", [x], { name, config: { activation } });

/** Sides: places at the beginning and at the end of both axes. */
export const zeroPadding2d = (
  model: FunctionalModel,
  x: Output,
  sides: readonly [number, number],
  name?: string,
): Output => layer(model, "ZeroPadding2D", [x], { name, config: { padding: [sides, sides] } });

type Pooling = (model: FunctionalModel, x: Output, window: Window) => Output;

const pooling2d =
  (type: string): Pooling =>
  (model, x, { kernel, strides = 1, padding = "valid", name }) =>
    layer(model, type, [x], { name, config: { pool_size: pair(kernel), strides, padding } });

export const maxPooling2d: Pooling = pooling2d("MaxPooling2D");
export const averagePooling2d: Pooling = pooling2d("AveragePooling2D");

export const globalAveragePooling2d = (model: FunctionalModel, x: Output, name?: string): Output =>
  layer(model, "GlobalAveragePooling2D", [x], { name });

export const add = (model: FunctionalModel, inputs: readonly Output[], name: string): Output =>
  layer(model, "Add", inputs, { name });

export function concatenate(model: FunctionalModel, inputs: readonly Output[], name?: string): Output {
  const channels = inputs.reduce((sum, input) => sum + input.channels, 0);
  return layer(model, "Concatenate", inputs, { name, config: { axis: 3 }, channels });
}

export const dropout = (model: FunctionalModel, x: Output, rate: number, name: string): Output =>
  layer(model, "Dropout", [x], { name, config: { rate } });

/** The classifier: scores of classes through softmax; a single one, the second's of two, through sigmoid. */
export function predictions(model: FunctionalModel, x: Output, units: number): Output {
  return layer(model, "Dense", [x], {
    name: "predictions",
    config: { units, use_bias: true, activation: units === 1 ? "sigmoid" : "softmax" },
    weights: { kernel: [x.channels, units], bias: [units] },
    channels: units,
  });
}
