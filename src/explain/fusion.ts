import { resizeMap } from "../base/resize.ts";
import { float32, type Tensor } from "../base/tensor.ts";
import { dividedBy, largest, positive } from "./scaling.ts";

/** How maps of several layers become one: each place their mean, or their product, which wants all of them to agree. */
export type Fusion = "mean" | "product";

/**
 * Maps `[h, w]` of one picture, taken at several layers, as one `[height, width]` from 0 to 1: each map's positive part over its largest value, enlarged
 * bilinearly, then their mean, as LayerCAM (Jiang et al. 2021) and pytorch-grad-cam have it, or their product, as RefineCAM.
 */
export function fused(
  maps: readonly Tensor<"float32">[],
  height: number,
  width: number,
  how: Fusion,
): Tensor<"float32"> {
  const sheets = maps.map((map) => {
    const evidence = positive(map);
    return resizeMap(dividedBy(evidence, largest(evidence)), height, width).data;
  });
  const at =
    how === "mean"
      ? (place: number) => sheets.reduce((sum, sheet) => sum + sheet[place]!, 0) / sheets.length
      : (place: number) => sheets.reduce((product, sheet) => product * sheet[place]!, 1);
  return float32(
    [height, width],
    Float32Array.from({ length: height * width }, (_, place) => at(place)),
  );
}
