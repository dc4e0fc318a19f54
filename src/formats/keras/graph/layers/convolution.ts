import type { Value } from "../../../../graph/graph.ts";
import * as op from "../../../../graph/operators/index.ts";
import { activate } from "../activations.ts";
import { formats } from "../order.ts";
import { checkFits, type Padding, padsOf, type Window } from "../window.ts";
import { type LayerCall, type LayerRule, type LayerRules, only } from "./layer.ts";

const paddings: readonly Padding[] = ["valid", "same", "causal"];

interface Convolution {
  /** `[N, C, …]` */
  readonly x: Value;
  readonly channels: number;
  readonly window: Window;
  readonly padding: Padding;
  /** The layer's bias, if it has one; `[filters]`, or as `shape` says. */
  bias(filters: number, shape?: readonly number[]): Value | undefined;
  /** Activates `[N, filters, …]`, and gives it the order of the model. */
  finish(y: Value): Value;
}

/** What all convolutions share. @param rank number of axes that they slide along */
function convolutionOf(call: LayerCall, rank: number): Convolution {
  const { order, settings } = call;
  const format = settings.choice("data_format", formats, "channels_last");
  const x = order.channelsFirst(only(call, rank + 2), format);
  return {
    x,
    channels: x.shape![1] as number,
    window: {
      kernel: settings.wholes("kernel_size", rank),
      strides: settings.wholes("strides", rank, 1),
      dilations: settings.wholes("dilation_rate", rank, 1),
    },
    padding: settings.choice("padding", paddings, "valid"),
    bias(filters, shape = [filters]) {
      if (!settings.flag("use_bias", true)) return undefined;
      return call.weight("bias", [filters], { shape });
    },
    finish: (y) => activate(call, order.fromChannelsFirst(y, format), settings.of("activation")),
  };
}

const ones = (count: number): number[] => new Array<number>(count).fill(1);

/** Pads `x` and slides a kernel `[filters, C / group, …]` over it. */
function slide(
  call: LayerCall,
  { x, window, padding }: Convolution,
  kernel: Value,
  bias: Value | undefined,
  group: number,
): Value {
  const pads = padsOf(x, window, padding);
  checkFits(x, window, pads, call.refuse);
  const { strides, dilations } = window;
  return op.conv(call.g, x, kernel, bias, { strides, dilations, pads, group });
}

/** Kernels `[…, C / groups, filters]`. */
const convolution =
  (rank: number): LayerRule =>
  (call) => {
    const { settings, refuse } = call;
    const convolution = convolutionOf(call, rank);
    const { channels, window } = convolution;
    const filters = settings.whole("filters");
    const groups = settings.whole("groups", 1);
    if (channels % groups !== 0 || filters % groups !== 0)
      throw refuse(
        `has ${groups} groups, which divide neither ${channels} channels nor ${filters} filters evenly.`,
      );
    const inward = channels / groups;
    const kernel = call.weight("kernel", [...window.kernel, inward, filters], {
      permutation: [rank + 1, rank, ...window.kernel.keys()],
      shape: [filters, inward, ...window.kernel],
    });
    return convolution.finish(slide(call, convolution, kernel, convolution.bias(filters), groups));
  };

/** One kernel for each channel and multiple, `[…, C, multiplier]`, to `C · multiplier` channels, those of a channel together. */
function depthwiseKernel(call: LayerCall, { channels, window }: Convolution): Value {
  const multiplier = call.settings.whole("depth_multiplier", 1);
  const rank = window.kernel.length;
  return call.weight("depthwise_kernel", [...window.kernel, channels, multiplier], {
    permutation: [rank, rank + 1, ...window.kernel.keys()],
    shape: [channels * multiplier, 1, ...window.kernel],
  });
}

const depthwiseConvolution =
  (rank: number): LayerRule =>
  (call) => {
    const convolution = convolutionOf(call, rank);
    const kernel = depthwiseKernel(call, convolution);
    const bias = convolution.bias(kernel.shape![0] as number);
    return convolution.finish(slide(call, convolution, kernel, bias, convolution.channels));
  };

const separableConvolution =
  (rank: number): LayerRule =>
  (call) => {
    const convolution = convolutionOf(call, rank);
    const kernel = depthwiseKernel(call, convolution);
    const y = slide(call, convolution, kernel, undefined, convolution.channels);
    const depth = kernel.shape![0] as number;
    const filters = call.settings.whole("filters");
    const pointwise = call.weight("pointwise_kernel", [...ones(rank), depth, filters], {
      permutation: [rank + 1, rank, ...ones(rank).keys()],
      shape: [filters, depth, ...ones(rank)],
    });
    return convolution.finish(op.conv(call.g, y, pointwise, convolution.bias(filters)));
  };

/** Kernels `[…, filters, C]`. */
const transposedConvolution =
  (rank: number): LayerRule =>
  (call) => {
    const { g, settings } = call;
    const convolution = convolutionOf(call, rank);
    const { x, channels, window, padding } = convolution;
    const filters = settings.whole("filters");
    const kernel = call.weight("kernel", [...window.kernel, filters, channels], {
      permutation: [rank + 1, rank, ...window.kernel.keys()],
      shape: [channels, filters, ...window.kernel],
    });
    const extra =
      settings.of("output_padding") === undefined
        ? undefined
        : settings.wholes("output_padding", rank, undefined, 0);
    const crops = cropsOf(x, window, padding, extra);
    const whole = op.convTranspose(g, x, kernel, { strides: window.strides, dilations: window.dilations });
    const none = [0, 0];
    const cropped = crops.every((crop) => crop === 0)
      ? whole
      : op.pad(g, whole, [
          ...none,
          ...crops.slice(0, rank).map((crop) => -crop),
          ...none,
          ...crops.slice(rank).map((crop) => -crop),
        ]);
    const bias = convolution.bias(filters, [filters, ...ones(rank)]);
    return convolution.finish(bias ? op.add(g, cropped, bias) : cropped);
  };

/**
 * How much of the whole result, `(extent − 1) · stride + reach` places, is cut off, all begins, then all ends; less than none where
 * zeros are added. What is left is the size of the picture that the convolution would have been given, padded as it would have been.
 * @param extra Keras's `output_padding`
 */
function cropsOf(x: Value, window: Window, padding: Padding, extra: readonly number[] | undefined): number[] {
  const crops = window.kernel.map((size, axis): [begin: number, end: number] => {
    const reach = (size - 1) * window.dilations[axis]! + 1;
    const stride = window.strides[axis]!;
    const extent = x.shape![axis + 2] as number;
    const whole = (extent - 1) * stride + reach;
    const wanted =
      padding === "same"
        ? extra
          ? whole - reach + (reach % 2) + extra[axis]!
          : extent * stride
        : whole + (extra?.[axis] ?? Math.max(0, stride - reach));
    const begin = padding === "same" ? Math.floor(Math.max(0, whole - wanted) / 2) : 0;
    return [begin, whole - wanted - begin];
  });
  return [...crops.map(([begin]) => begin), ...crops.map(([, end]) => end)];
}

export const convolutions: LayerRules = {
  Conv1D: convolution(1),
  Conv1DTranspose: transposedConvolution(1),
  Conv2D: convolution(2),
  Conv2DTranspose: transposedConvolution(2),
  Conv3D: convolution(3),
  Conv3DTranspose: transposedConvolution(3),
  Convolution1D: convolution(1),
  Convolution2D: convolution(2),
  Convolution3D: convolution(3),
  DepthwiseConv1D: depthwiseConvolution(1),
  DepthwiseConv2D: depthwiseConvolution(2),
  SeparableConv1D: separableConvolution(1),
  SeparableConv2D: separableConvolution(2),
};
