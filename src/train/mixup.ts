import { random } from "../base/random.ts";
import { float32, int64, scalar, type Tensor } from "../base/tensor.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import type { StepKey } from "./feed.ts";

/** Names of the inputs of a step that mixes its pictures. */
const PARTNERS = "mixup/partners";
const SHARES = "mixup/shares";

/** With which other picture of its batch each is mixed, and the share that it keeps, 0…1. */
export interface Mix {
  readonly partners: readonly number[];
  readonly shares: readonly number[];
}

/**
 * A step's mix (mixup; Zhang et al. 2018, equation 1): partners by a permutation of the batch, shares from Beta(α, α), one for each picture
 * where the authors' code draws one for the batch.
 */
export function drawMix(alpha: number, pictures: number, { seed, epoch, step }: StepKey): Mix {
  const source = random(seed, "mixup", epoch, step);
  const order = Array.from({ length: pictures }, (_, index) => index);
  return { partners: source.shuffle(order), shares: order.map(() => source.beta(alpha)) };
}

export const mixFeeds = ({ partners, shares }: Mix): Record<string, Tensor> => ({
  [PARTNERS]: int64([partners.length], partners),
  [SHARES]: float32([shares.length, 1, 1, 1], shares),
});

/** Images `[N, C, H, W]` mixed as the step's inputs say. */
export function mixImages(g: GraphBuilder, images: Value, pictures: number): Value {
  const partners = op.gather(g, images, g.input(PARTNERS, "int64", [pictures]));
  const shares = g.input(SHARES, "float32", [pictures, 1, 1, 1]);
  const others = op.mul(g, partners, op.sub(g, g.constant(scalar(1)), shares));
  return op.add(g, op.mul(g, images, shares), others);
}

/** Rows `[N, …]` mixed likewise: the targets of the pictures. */
export function mixRows({ shape, data }: Tensor<"float32">, { partners, shares }: Mix): Tensor<"float32"> {
  const width = data.length / partners.length;
  return float32(
    shape,
    data.map((value, at) => {
      const row = Math.floor(at / width);
      const other = data[partners[row]! * width + (at % width)]!;
      return shares[row]! * value + (1 - shares[row]!) * other;
    }),
  );
}
