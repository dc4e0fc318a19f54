import { attribute } from "../../../autodiff/rule.ts";
import { windowOf } from "../../../autodiff/window.ts";
import { sizeOf } from "../../../base/tensor.ts";
import { inputValue, maps, type NodeCall, type NodeRule, type NodeRules, weightAt } from "../call.ts";
import { CHANNELS_LAST, type Held } from "../held.ts";
import { reshaped, turned, type Weight } from "../keras-layer.ts";
import { paddingOf, zeroPadded } from "./window.ts";

/** What a layer adds behind its product, if anything: one number for each of its features. */
export function biasOf(call: NodeCall, features: number): { readonly bias?: Weight } {
  const which = call.bias ?? (call.node.inputs[2] ? 2 : undefined);
  if (which === undefined) return {};
  const bias = weightAt(call, which);
  if (sizeOf(bias.shape) !== features)
    throw call.refuse(`adds [${bias.shape.join(", ")}] to ${features} features`);
  return { bias: reshaped(bias, [features]) };
}

/** Kernels `[M, C / groups, h, w]` to `[h, w, C / groups, M]`; of a depthwise convolution `[C · m, 1, h, w]` to `[h, w, C, m]`. */
const convolution: NodeRule = (call) => {
  const weight = weightAt(call, 1);
  const [filters, inward, ...kernel] = weight.shape as [number, number, ...number[]];
  const x = maps(call);
  const channels = x.shape[0]!;
  const groups = attribute(call.node, "group", 1);
  const window = windowOf(call.node, inputValue(call), kernel);
  const { strides, dilations } = window;
  if (Math.max(...strides) > 1 && Math.max(...dilations) > 1)
    throw call.refuse("strides and is dilated, of which Keras does one alone");
  const padding = paddingOf(call, window);
  const framed = padding ? x : zeroPadded(call, x, window);
  const bias = biasOf(call, filters);
  const config = {
    kernel_size: kernel,
    strides,
    padding: padding ?? "valid",
    data_format: "channels_last",
    dilation_rate: dilations,
    activation: call.activation ?? "linear",
    use_bias: bias.bias !== undefined,
  };
  const held = (layer: string): Held => ({ layer, shape: call.shape, order: CHANNELS_LAST });
  if (groups > 1 && inward === 1) {
    const multiplier = filters / channels;
    const byChannel = reshaped(weight, [channels, multiplier, ...kernel]);
    const weights = { depthwise_kernel: turned(byChannel, [2, 3, 0, 1]), ...bias };
    return held(
      call.layer("DepthwiseConv2D", [framed], { depth_multiplier: multiplier, ...config }, weights),
    );
  }
  const weights = { kernel: turned(weight, [2, 3, 1, 0]), ...bias };
  return held(call.layer("Conv2D", [framed], { filters, groups, ...config }, weights));
};

export const convolutions: NodeRules = { Conv: convolution };
