import { type Tensor, tensor } from "./tensor.ts";

/**
 * Convolves the last two axes of `map` `[…, H, W]` with a Gaussian, cut off at four deviations. Beyond the edges the map is mirrored,
 * its edge twice, as scipy's `gaussian_filter` has it.
 * @param deviation in pixels; at 0 the map stays as it is
 */
export function gaussianBlur(map: Tensor<"float32">, deviation: number): Tensor<"float32"> {
  if (deviation === 0) return map;
  const [height = 1, width = 1] = map.shape.slice(-2);
  const kernel = gaussian(deviation);
  const planes = map.data.length / (height * width);
  const across = convolved(map.data, { lines: planes * height, length: width, step: 1, kernel });
  const data = new Float32Array(map.data.length);
  for (let plane = 0; plane < planes; plane++) {
    const part = across.subarray(plane * height * width, (plane + 1) * height * width);
    data.set(convolved(part, { lines: width, length: height, step: width, kernel }), plane * height * width);
  }
  return tensor("float32", map.shape, data);
}

/** Half of a Gaussian, from its middle to four deviations; the whole sums to 1. */
function gaussian(deviation: number): Float64Array {
  const half = Float64Array.from({ length: Math.floor(4 * deviation + 0.5) + 1 }, (_, at) =>
    Math.exp(-(at ** 2) / (2 * deviation ** 2)),
  );
  const whole = 2 * half.reduce((a, b) => a + b) - half[0]!;
  return half.map((weight) => weight / whole);
}

interface Lines {
  readonly lines: number;
  readonly length: number;
  /** From one element of a line to the next. */
  readonly step: number;
  readonly kernel: Float64Array;
}

/** Each line convolved by itself. */
function convolved(data: Float32Array, { lines, length, step, kernel }: Lines): Float32Array {
  const out = new Float32Array(data.length);
  const mirrored = (at: number): number => {
    const place = ((at % (2 * length)) + 2 * length) % (2 * length);
    return place < length ? place : 2 * length - 1 - place;
  };
  for (let line = 0; line < lines; line++) {
    const start = step === 1 ? line * length : line;
    for (let at = 0; at < length; at++) {
      let sum = kernel[0]! * data[start + at * step]!;
      for (let away = 1; away < kernel.length; away++)
        sum +=
          kernel[away]! *
          (data[start + mirrored(at - away) * step]! + data[start + mirrored(at + away) * step]!);
      out[start + at * step] = sum;
    }
  }
  return out;
}
