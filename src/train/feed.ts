import { random } from "../base/random.ts";
import { sizeOf, type Tensor, zeros } from "../base/tensor.ts";
import { type Augmentation, drawTransforms, noAugmentation } from "../data/augment.ts";
import type { Size } from "../data/dataset.ts";
import type { Batch } from "../data/loader.ts";
import { toUnitRange, warp } from "../data/warp.ts";
import type { Engine, Program } from "../engine/engine.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { BATCH } from "../model/model.ts";
import type { DropoutMask } from "./step.ts";

/** Where in training a batch is; with the seed it fixes every random number of its step. */
export interface StepKey {
  readonly seed: number;
  readonly epoch: number;
  readonly step: number;
}

/** Makes a batch of pictures what the network takes: augmented, RGB in [0, 1], `[N, 3, H, W]`. */
export interface Feeder {
  images(batch: Batch, key: StepKey): Promise<Tensor>;
  dispose(): Promise<void>;
}

export async function feeder(engine: Engine, size: Size, augmentation: Augmentation): Promise<Feeder> {
  const plain = Object.entries(noAugmentation).every(
    ([name, value]) => augmentation[name as keyof Augmentation] === value,
  );
  const g = new GraphBuilder();
  const pictures = toUnitRange(g, g.input("pictures", "uint8", [BATCH, size.height, size.width, 3]));
  const images = plain ? pictures : warp(g, pictures, g.input("transforms", "float32", [BATCH, 3, 2]), size);
  const program: Program = await engine.compile(g.finish("augmentation", { images }));
  return {
    async images({ images: { shape, data }, samples }, { seed, epoch, step }) {
      const source = random(seed, "augmentation", epoch, step);
      const transforms = drawTransforms(source, augmentation, size, samples.length);
      const feeds = { pictures: { dtype: "uint8", shape, data } as const, ...(plain ? {} : { transforms }) };
      return (await program.run(feeds)).images!;
    },
    dispose: () => program.dispose(),
  };
}

/** A step's dropout mask: 0 with probability `rate`, else `1 / (1 − rate)` so that the mean stays. */
export function drawMask(
  { name, shape, rate }: DropoutMask,
  { seed, epoch, step }: StepKey,
): Tensor<"float32"> {
  const source = random(seed, "dropout", name, epoch, step);
  const mask = zeros("float32", shape);
  const kept = 1 / (1 - rate);
  for (let i = 0; i < sizeOf(shape); i++) mask.data[i] = source.next() < rate ? 0 : kept;
  return mask;
}
