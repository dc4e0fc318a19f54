import { float32, type Tensor } from "../base/tensor.ts";
import type { Sample } from "../data/dataset.ts";

/** What a part of a network that stays as it is made of pictures, so that it need not run again. */
export interface Features {
  /** Numbers of each picture. */
  readonly size: number;
  /** Of one picture: `[size]`. */
  of(sample: Sample): Float32Array;
}

/** Features of several pictures, `[N, size]`. */
export function stackFeatures(features: Features, samples: readonly Sample[]): Tensor<"float32"> {
  const { size } = features;
  const rows = new Float32Array(samples.length * size);
  for (const [at, sample] of samples.entries()) rows.set(features.of(sample), at * size);
  return float32([samples.length, size], rows);
}
