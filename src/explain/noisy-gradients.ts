import { rangeOf } from "../base/range.ts";
import { sizeOf } from "../base/tensor.ts";
import { asTheyAre, eachGradient } from "./questions.ts";
import type { Subject } from "./subject.ts";

/** Adds a sample's noise to a picture `[C, H, W]`. */
export type AddNoise = (picture: number, sample: number, to: Float32Array) => void;

/** The mean over samples of the gradient at a noisy picture, and of its square, `[N, C, H, W]`. */
export interface GradientMoments {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** Normal noise whose standard deviation is `share` of the distance from a picture's least number to its greatest. */
export function gaussianNoise(
  { inputs, random }: Pick<Subject, "inputs" | "random">,
  share: number,
): AddNoise {
  const size = sizeOf(inputs.shape.slice(1));
  return (picture, sample, to) => {
    const [least, most] = rangeOf(inputs.data.subarray(picture * size, (picture + 1) * size));
    const deviation = share * (most - least);
    const { normal } = random("noise", sample);
    for (let i = 0; i < size; i++) to[i]! += deviation * normal();
  };
}

export async function gradientMoments(
  subject: Pick<Subject, "ask" | "inputs">,
  samples: number,
  addNoise: AddNoise,
): Promise<GradientMoments> {
  const { inputs } = subject;
  const [pictures] = inputs.shape as [number];
  const clean = asTheyAre(subject);
  const rows = {
    count: pictures * samples,
    picture: (row: number) => Math.floor(row / samples),
    write(row: number, into: Readonly<Record<string, Float32Array>>) {
      const picture = Math.floor(row / samples);
      clean.write(picture, into);
      addNoise(picture, row % samples, into.input!);
    },
  };
  const first = new Float64Array(inputs.data.length);
  const second = new Float64Array(inputs.data.length);
  const size = inputs.data.length / pictures;
  await eachGradient(subject, rows, (row, { gradient }) => {
    const start = rows.picture(row) * size;
    for (let i = 0; i < size; i++) {
      const slope = gradient[i]!;
      first[start + i]! += slope / samples;
      second[start + i]! += (slope * slope) / samples;
    }
  });
  return { first, second };
}
