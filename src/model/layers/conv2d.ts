import type { Value } from "../../graph/graph.ts";
import { staticShapeAfterBatch } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { glorotUniform, heNormal, type NetworkBuilder, type WeightMaker, zero } from "../network.ts";

export interface Conv2dOptions {
  readonly filters: number;
  /** Height and width, or one number for both. */
  readonly kernel: number | readonly [height: number, width: number];
  readonly stride?: number;
  /** "half" a kernel of zeros on every side keeps the picture's size at stride 1, for odd kernels. */
  readonly padding?: "none" | "half";
  /** Channels come in so many groups that do not see each other; as many as channels make it depthwise. */
  readonly groups?: number;
  readonly bias?: boolean;
  readonly relu?: boolean;
  /** A module's name; numbered unless given. */
  readonly name?: string;
}

/**
 * Convolution, then ReLU unless told otherwise: `[N, C, H, W] → [N, filters, h, w]`, where h is `H − k + 1` without padding and
 * stride. Its kernel is `[filters, C / groups, k, k]`; at first drawn as Keras does (Glorot), of a named layer as He et al. do.
 */
export function conv2d(network: NetworkBuilder, x: Value, options: Conv2dOptions): Value {
  const { filters, stride, padding = "none", groups = 1, bias = true, relu = true, name } = options;
  const [height, width] =
    typeof options.kernel === "number" ? [options.kernel, options.kernel] : options.kernel;
  const [channels] = staticShapeAfterBatch(x);
  const build = (weight: WeightMaker): Value => {
    const area = height * width;
    const draw =
      name === undefined
        ? glorotUniform(channels! * area, filters * area)
        : heNormal((filters / groups) * area);
    const role = name === undefined ? "kernel" : "weight";
    const w = weight(role, [filters, channels! / groups, height, width], draw);
    const b = bias ? weight("bias", [filters], zero) : undefined;
    const y = op.conv(network.g, x, w, b, {
      ...(stride === undefined ? {} : { strides: [stride, stride] }),
      ...(padding === "half" ? { pads: halves(height, width) } : {}),
      ...(groups === 1 ? {} : { group: groups }),
    });
    return relu ? op.relu(network.g, y) : y;
  };
  const type = groups > 1 && groups === channels ? "DepthwiseConv2D" : "Conv2D";
  return network.layer(type, "conv2d", build, name);
}

/** Zeros before and behind each axis. */
function halves(height: number, width: number): number[] {
  const half = [Math.floor(height / 2), Math.floor(width / 2)];
  return [...half, ...half];
}
