import type { Color } from "./color.ts";
import type { Frame } from "./frame.ts";
import type { Light } from "./light.ts";
import type { Shape } from "./shapes.ts";

/**
 * What is painted, as the masks see it: `scenery` hides the animal, `animal` hides its telling parts, `parts` are
 * telling parts of the animal, `shade` only tints what is there (shadows, hairs, highlights).
 */
export type Layer = "scenery" | "animal" | "parts" | "shade";

/** A painter's canvas: every layer covers the colour and the masks below it, so the masks hold visible pixels only. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** Pixels per scene unit. */
  readonly scale: number;
  readonly light: Light;
  /** `[H, W, 3]`, 0 to 1. */
  readonly color: Float32Array;
  /** `[H, W]`: the share of each pixel that shows the animal. */
  readonly animal: Float32Array;
  /** `[H, W]`: the share of each pixel that shows parts that tell the classes apart. */
  readonly parts: Float32Array;
  /** Distances of the shape being painted. */
  readonly scratch: Float32Array;
  /** The colour being mixed. */
  readonly pixel: Float32Array;
}

/** Writes the colour at (u, v) of the shape's own coordinates into `out`. */
export type Shader = (u: number, v: number, out: Float32Array) => void;

export interface Brush {
  readonly layer: Layer;
  /** Without a colour only the masks change. */
  readonly color?: Color | Shader;
  /** 0 to 1. */
  readonly opacity?: number;
  /** Width of the edge's fade, in the shape's units; a pixel at least. */
  readonly soft?: number;
  /** Width of the bulging rim, in the shape's units, that the light models; flat without. */
  readonly round?: number;
  /** Paint only where the animal already is. */
  readonly onAnimal?: boolean;
}

export function canvas(width: number, height: number, light: Light): Canvas {
  const n = width * height;
  return {
    width,
    height,
    scale: Math.min(width, height),
    light,
    color: new Float32Array(n * 3),
    animal: new Float32Array(n),
    parts: new Float32Array(n),
    scratch: new Float32Array(n),
    pixel: new Float32Array(3),
  };
}

/** Side in pixels of the blocks that are measured or skipped as one. */
const block = 8;

/** Paints a shape with anti-aliased or soft edges; with `round`, lit as if it bulged towards the viewer. */
export function paint(on: Canvas, frame: Frame, shape: Shape, brush: Brush): void {
  const { layer, color, opacity = 1, onAnimal = false } = brush;
  const { width, light, scratch } = on;
  const pixels = frame.scale * on.scale;
  const fade = 1 / Math.max(1, (brush.soft ?? 0) * pixels);
  const bulge = brush.round ? 1 / (brush.round * pixels) : 0;
  const [left, top, right, bottom] = bounds(on, frame, shape, 1 / fade);
  const columns = right - left;
  if (columns <= 0 || bottom <= top) return;

  const det = frame.xx * frame.yy - frame.xy * frame.yx;
  const ux = frame.yy / det / on.scale;
  const uy = -frame.xy / det / on.scale;
  const vx = -frame.yx / det / on.scale;
  const vy = frame.xx / det / on.scale;
  const x0 = frame.x0 * on.scale - 0.5;
  const y0 = frame.y0 * on.scale - 0.5;

  const measure = (x: number, y: number): number =>
    shape.distance(ux * (x - x0) + uy * (y - y0), vx * (x - x0) + vy * (y - y0)) * pixels;
  // Blocks well outside, or well inside where the rim's bulge has ended, need no distances of their own.
  // (A block reaches 0.71 of its side; twice that, as distances to slim ellipses are rough far off.)
  const outside = block * 1.4 + 0.5 / fade;
  const inside = -block * 1.4 - Math.max(0.5 / fade, bulge && 1 / bulge);
  for (let v = top; v < bottom; v += block)
    for (let u = left; u < right; u += block) {
      const middle = measure(u + block / 2, v + block / 2);
      const far = middle > outside || middle < inside;
      const endX = Math.min(u + block, right);
      const endY = Math.min(v + block, bottom);
      for (let y = v; y < endY; y++) {
        const row = (y - top) * columns - left;
        if (far) scratch.fill(middle, row + u, row + endX);
        else for (let x = u; x < endX; x++) scratch[row + x] = measure(x, y);
      }
    }

  const level = light.lit(0, 0, 0);
  const shader = typeof color === "function" ? color : undefined;
  const out = on.pixel;
  for (let y = top, i = 0; y < bottom; y++) {
    for (let x = left; x < right; x++, i++) {
      const distance = scratch[i]!;
      let alpha = 0.5 - distance * fade;
      if (alpha <= 0) continue;
      const at = y * width + x;
      alpha = opacity * (alpha >= 1 ? 1 : fade < 1 ? alpha * alpha * (3 - 2 * alpha) : alpha);
      if (onAnimal) alpha *= on.animal[at]!;

      if (layer !== "shade") {
        const keep = 1 - alpha;
        on.animal[at] = on.animal[at]! * keep + (layer === "scenery" ? 0 : alpha);
        on.parts[at] = on.parts[at]! * keep + (layer === "parts" ? alpha : 0);
      }
      if (!color) continue;
      if (shader) shader(ux * (x - x0) + uy * (y - y0), vx * (x - x0) + vy * (y - y0), out);
      else for (let c = 0; c < 3; c++) out[c] = (color as Color)[c]!;
      if (bulge) {
        const tilt = 1 + Math.max(-1, Math.min(0, distance * bulge));
        let lit = level;
        if (tilt > 0) {
          const before = x > left ? scratch[i - 1]! : distance;
          const after = x < right - 1 ? scratch[i + 1]! : distance;
          const above = y > top ? scratch[i - columns]! : distance;
          const below = y < bottom - 1 ? scratch[i + columns]! : distance;
          // Distances jump at the borders of blocks; no slope is steeper than 1.
          const slopeX = Math.max(-1, Math.min(1, (after - before) * 0.5));
          const slopeY = Math.max(-1, Math.min(1, (below - above) * 0.5));
          lit = light.lit(slopeX * tilt, slopeY * tilt, tilt);
        }
        for (let c = 0; c < 3; c++) out[c]! *= light.dark[c]! + (light.bright[c]! - light.dark[c]!) * lit;
      }
      for (let c = 0; c < 3; c++) on.color[at * 3 + c]! += (out[c]! - on.color[at * 3 + c]!) * alpha;
    }
  }
}

/** Left, top, right, bottom in pixels, right and bottom exclusive, with room for the edge's fade. */
function bounds(on: Canvas, frame: Frame, shape: Shape, fade: number): [number, number, number, number] {
  const [u0, v0, u1, v1] = shape.box;
  const span = (a: number, b: number, origin: number, limit: number): [number, number] => {
    const corners = [u0 * a + v0 * b, u1 * a + v0 * b, u0 * a + v1 * b, u1 * a + v1 * b];
    const low = (Math.min(...corners) + origin) * on.scale - fade - 1;
    const high = (Math.max(...corners) + origin) * on.scale + fade + 1;
    return [Math.max(0, Math.floor(low)), Math.min(limit, Math.ceil(high))];
  };
  const [left, right] = span(frame.xx, frame.xy, frame.x0, on.width);
  const [top, bottom] = span(frame.yx, frame.yy, frame.y0, on.height);
  return [left, top, right, bottom];
}

/** Multiplies what is there by `factor` along a tapering hair from (x, y), scene units: fast, for hundreds of them. */
export function hair(
  on: Canvas,
  x: number,
  y: number,
  dx: number,
  dy: number,
  thick: number,
  factor: number,
): void {
  const { scale, width, height, color } = on;
  const steps = Math.ceil(Math.hypot(dx, dy) * scale);
  const strength = Math.min(1, thick * scale);
  for (let k = 0; k < steps; k++) {
    const px = (x + (dx * k) / steps) * scale - 0.5;
    const py = (y + (dy * k) / steps) * scale - 0.5;
    const ix = Math.floor(px);
    const iy = Math.floor(py);
    if (ix < 0 || iy < 0 || ix >= width - 1 || iy >= height - 1) continue;
    const gain = (factor - 1) * strength * (1 - k / steps);
    // Bilinear splat: a hair thinner than a pixel keeps its weight between pixels.
    for (let corner = 0; corner < 4; corner++) {
      const cx = corner & 1;
      const cy = corner >> 1;
      const share = (cx ? px - ix : 1 - px + ix) * (cy ? py - iy : 1 - py + iy);
      const at = ((iy + cy) * width + ix + cx) * 3;
      for (let c = 0; c < 3; c++) color[at + c]! *= 1 + gain * share;
    }
  }
}

/** Fills the whole canvas; the shader gets scene coordinates. */
export function fill(on: Canvas, shader: Shader): void {
  const out = on.pixel;
  for (let y = 0, at = 0; y < on.height; y++)
    for (let x = 0; x < on.width; x++, at += 3) {
      shader((x + 0.5) / on.scale, (y + 0.5) / on.scale, out);
      for (let c = 0; c < 3; c++) on.color[at + c] = out[c]!;
    }
}
