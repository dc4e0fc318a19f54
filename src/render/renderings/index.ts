import { contour } from "./contour.ts";
import { heatmap } from "./heatmap.ts";
import { masked } from "./masked.ts";
import { overlay } from "./overlay.ts";
import type { Rendering } from "./rendering.ts";
import { signed } from "./signed.ts";

export type { Rendering, RenderingOptions } from "./rendering.ts";

export type RenderingName = "heatmap" | "overlay" | "signed" | "masked" | "contour";

/** How an attribution becomes a picture of a photo, by name; choices and tests follow from this list. */
export const renderings: Readonly<Record<RenderingName, Rendering>> = {
  heatmap,
  overlay,
  signed,
  masked,
  contour,
};
