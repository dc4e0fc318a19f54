import type { Sample } from "../data/dataset.ts";

/** What a part of a network that stays as it is made of pictures, so that it need not run again. */
export interface Features {
  /** The value of the network's graph that they are: `[N, size]`. */
  readonly value: string;
  readonly size: number;
  /** Of one picture: `[size]`. */
  of(sample: Sample): Float32Array;
}
