import { float32, type Tensor } from "../../base/tensor.ts";
import type { InputSpec } from "../../model/model.ts";

/**
 * What a network takes, `[C, H, W]`, as red, green and blue levels again, `[3, H, W]`, 0…255. Where nobody said how pictures become
 * its input, the numbers are stretched to that range.
 */
export function levelsOf({ preprocessing }: InputSpec, input: Tensor<"float32">): Tensor<"float32"> {
  const [channels, height, width] = input.shape as [number, number, number];
  const { order, mean, std } = preprocessing ?? stretched(input.data, channels);
  const plane = height * width;
  const levels = new Float32Array(3 * plane);
  for (let color = 0; color < 3; color++) {
    const channel = channels < 3 ? 0 : order === "BGR" ? 2 - color : color;
    for (let i = 0; i < plane; i++)
      levels[color * plane + i] = input.data[channel * plane + i]! * std[channel]! + mean[channel]!;
  }
  return float32([3, height, width], levels);
}

/** The preprocessing that would bring levels 0…255 to the range of these numbers. */
function stretched(data: Float32Array, channels: number) {
  const low = data.reduce((a, b) => Math.min(a, b));
  const high = data.reduce((a, b) => Math.max(a, b));
  const std = high > low ? 255 / (high - low) : 1;
  return {
    order: "RGB",
    mean: new Array<number>(channels).fill(-low * std),
    std: new Array<number>(channels).fill(std),
  };
}
