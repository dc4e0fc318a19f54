import { resizeMap } from "../base/resize.ts";
import { float32, type Tensor } from "../base/tensor.ts";
import type { InputSpec } from "../model/model.ts";
import type { Explanation } from "./explanation.ts";
import { dividedBy, largest, positive } from "./scaling.ts";

/** How maps of several layers become one: each place their mean, or their product, which wants all of them to agree. */
export const fusions = ["mean", "product"] as const;

export type Fusion = (typeof fusions)[number];

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

/** Explanations of one picture at several layers as one; what each layer's map was in units of the score is lost. */
export function fusedExplanation(
  apart: readonly Explanation[],
  { height, width }: Pick<InputSpec, "height" | "width">,
  how: Fusion,
): Explanation {
  const map = fused(
    apart.map(({ evidence }) => evidence),
    height,
    width,
    how,
  );
  const total = (kind: "forward" | "backward"): number =>
    apart.reduce((sum, { passes }) => sum + passes[kind], 0);
  return {
    ...apart.at(-1)!,
    ...{ attribution: map, evidence: map, raw: map },
    layers: apart.flatMap(({ layers }) => layers),
    passes: { forward: total("forward"), backward: total("backward") },
    checks: {},
    warnings: [...new Set(apart.flatMap(({ warnings }) => warnings))],
  };
}
