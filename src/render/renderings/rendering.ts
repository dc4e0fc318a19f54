import type { Picture } from "../../base/picture.ts";
import type { Tensor } from "../../base/tensor.ts";
import type { LevelOptions } from "../levels.ts";

export interface RenderingOptions extends LevelOptions {
  /** How much of the photo is covered at the most, 0…1; what lies where differs from rendering to rendering. */
  readonly opacity?: number;
}

/**
 * An attribution as a picture of a photo, at the photo's size.
 *
 * @param attribution `[H, W]` or `[1, H, W]`, any size.
 * @throws UserError when the attribution holds NaN or infinities, or has several channels.
 */
export type Rendering = (
  photo: Picture,
  attribution: Tensor<"float32">,
  options?: RenderingOptions,
) => Picture;
