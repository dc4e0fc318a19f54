import type { Picture } from "../../base/picture.ts";
import type { Tensor } from "../../base/tensor.ts";
import { blend } from "../blend.ts";
import { levelsAt } from "../levels.ts";
import type { RenderingOptions } from "./rendering.ts";

const dark = [22, 24, 28];

/**
 * The photo where the evidence is, and the dark elsewhere. Both signs of a signed colour map are evidence.
 * @param options Opacity, which is 0.9 by default, is that of the dark where there is none.
 */
export function masked(
  photo: Picture,
  attribution: Tensor<"float32">,
  options: RenderingOptions = {},
): Picture {
  const { opacity = 0.9 } = options;
  const { values, strength } = levelsAt(photo, attribution, options);
  return blend(photo, {
    colors: dark,
    offset: () => 0,
    share: (pixel) => opacity * (1 - strength(values[pixel]!)),
  });
}
