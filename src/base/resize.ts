import { type Tensor, tensor } from "./tensor.ts";

export type Interpolation = "bilinear" | "nearest";

/**
 * Resizes the last two axes of `map` `[…, H, W]` to `[…, height, width]`.
 *
 * Pixel centres lie at half coordinates (output `i` reads the source at `(i + 0.5) · H / height − 0.5`) and edges are
 * clamped, as in ONNX `Resize` with `half_pixel` and PyTorch with `align_corners=False`. There is no low-pass
 * filter: made for enlarging maps, it aliases where it shrinks. `nearest` takes the source pixel that contains the centre.
 */
export function resizeMap(
  map: Tensor<"float32">,
  height: number,
  width: number,
  interpolation: Interpolation = "bilinear",
): Tensor<"float32"> {
  const [sourceHeight = 1, sourceWidth = 1] = map.shape.slice(-2);
  const leading = map.shape.slice(0, -2);
  const rows = samples(sourceHeight, height, interpolation);
  const columns = samples(sourceWidth, width, interpolation);
  const planes = map.data.length / (sourceHeight * sourceWidth);
  const data = new Float32Array(planes * height * width);
  let out = 0;
  for (let plane = 0; plane < planes; plane++) {
    const origin = plane * sourceHeight * sourceWidth;
    for (const row of rows) {
      const above = origin + row.low * sourceWidth;
      const below = origin + row.high * sourceWidth;
      for (const { low, high, share } of columns) {
        const top = mix(map.data[above + low]!, map.data[above + high]!, share);
        const bottom = mix(map.data[below + low]!, map.data[below + high]!, share);
        data[out++] = mix(top, bottom, row.share);
      }
    }
  }
  return tensor("float32", [...leading, height, width], data);
}

/** The two source pixels an output pixel lies between, and the share of the second. */
interface Sample {
  readonly low: number;
  readonly high: number;
  readonly share: number;
}

function samples(from: number, to: number, interpolation: Interpolation): Sample[] {
  return Array.from({ length: to }, (_, i) => {
    const centre = ((i + 0.5) * from) / to;
    if (interpolation === "nearest") {
      const pixel = Math.min(from - 1, Math.floor(centre));
      return { low: pixel, high: pixel, share: 0 };
    }
    const position = Math.min(from - 1, Math.max(0, centre - 0.5));
    const low = Math.floor(position);
    return { low, high: Math.min(from - 1, low + 1), share: position - low };
  });
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
