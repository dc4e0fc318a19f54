import { listNames, UserError } from "../base/errors.ts";
import { picture } from "../base/picture.ts";
import type { Tensor } from "../base/tensor.ts";
import { syntheticDataset } from "../data/synthetic/index.ts";
import type { Model } from "../model/model.ts";
import { toBatch } from "../model/predict.ts";
import { maskOf } from "./mask.ts";

/** A picture as the network takes it, and where its evidence is known to lie. */
export interface MaskedPicture {
  readonly name: string;
  /** `[1, C, H, W]`. */
  readonly inputs: Tensor<"float32">;
  /** `[H, W]`, 1 where it shows a part that tells the classes apart. */
  readonly mask: Uint8Array;
}

/**
 * Built-in pictures that no run has learnt from, drawn when their turn comes.
 * @throws UserError when the network does not know what is in them
 */
export async function* builtInPictures(
  model: Model,
  count: number,
  seed: number,
): AsyncGenerator<MaskedPicture> {
  const { input, classes, source } = model;
  const dataset = syntheticDataset({ seed, train: 0, validation: 0, test: count });
  if (!dataset.classes.every((name) => classes.includes(name)))
    throw new UserError(
      `The built-in pictures show ${listNames(dataset.classes)}, and ${source} knows ${listNames(classes, 6)}; name images.`,
    );
  for (const sample of dataset.splits.test) {
    const { parts } = dataset.masks(sample, input);
    const shown = picture(
      input.width,
      input.height,
      Uint8Array.from({ length: 3 * parts.length }, (_, at) => 255 * parts[Math.floor(at / 3)]!),
    );
    const inputs = toBatch(input, await dataset.read(sample, input));
    yield { name: sample.name, inputs, mask: maskOf(input, shown) };
  }
}
