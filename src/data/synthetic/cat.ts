import type { Random } from "../../base/random.ts";
import { type Animal, onFace, type Tells } from "./animal.ts";
import { paint } from "./canvas.ts";
import { type Color, dim, hex, mix } from "./color.ts";
import { place } from "./frame.ts";
import { bend, curve, ellipse, limb, melt, polygon } from "./shapes.ts";

/** An upright ear, one unit high above the head's outline and about two wide. */
const outline: readonly number[] = curve([
  -1, 0.24, -0.82, -0.42, -0.24, -0.9, 0.08, -1, 0.3, -0.84, 0.92, -0.3, 1, 0.24,
]);

/** A cat's tells: upright pointed ears, a short muzzle with a small nose, long whiskers. */
export function drawCat(animal: Animal, draw: Random): Tells {
  const { on, coat } = animal;
  const tall = draw.uniform(0.8, 1.08);
  const wide = draw.uniform(0.39, 0.48);
  const spread = draw.uniform(0.5, 0.6);
  const splay = draw.uniform(0.14, 0.42);
  const tufted = draw.next() < 0.3;
  const pad = draw.uniform(0.22, 0.27);
  const fan = draw.uniform(0.1, 0.2);
  const reach = draw.uniform(0.85, 1.15);
  const muzzle = onFace(animal, 0, 0.43, 1);
  const ink = dim(mix(coat.nose, hex(0x2b1b1b), 0.6), 0.9);

  function ear(side: number): void {
    const far = 1 - 0.14 * Math.max(0, side * animal.yaw);
    const x = side * spread - animal.yaw * 0.05;
    const stretch = (side * far * wide) / tall;
    const at = place(animal.head, { x, y: -0.5, angle: side * splay, scale: tall, stretch });
    const fringe = mix(coat.pale, coat.base, 0.25);
    if (tufted)
      for (const tip of [-0.02, 0.16, 0.32])
        paint(on, at, limb([0.05, -0.92, 0.05, tip, -1.24, 0.01]), { layer: "parts", color: coat.dark });
    paint(on, at, polygon(outline), { layer: "parts", color: coat.ear, round: 0.3 });
    const inner = place(at, { x: 0.05, y: 0.07, scale: 0.68 });
    paint(on, inner, polygon(outline), {
      layer: "parts",
      color: (_, v, out) => {
        const deep = 0.72 + 0.4 * Math.min(1, Math.max(0, -v));
        for (let c = 0; c < 3; c++) out[c] = coat.innerEar[c]! * deep;
      },
      soft: 0.18,
    });
    for (let k = 0; k < 7; k++) {
      const root = -0.7 + k * 0.15;
      const strand = limb([root, 0.1, 0.06, root + 0.25 + k * 0.03, -0.32 - 0.06 * (k % 3), 0.012]);
      paint(on, at, strand, { layer: "parts", color: fringe, opacity: 0.85 });
    }
  }

  function whisker(side: number, row: number): void {
    const rise = row * fan * 2 - 0.06;
    const spine = (radius: (t: number) => number, lower = 0): number[] =>
      [0, 0.33, 0.67, 1].flatMap((t) => [
        side * (0.2 + reach * t),
        0.02 + row * 0.07 + rise * t + 0.14 * t * t + lower,
        radius(t),
      ]);
    const thin = (t: number): number => 0.019 * (1.1 - t);
    // The mask takes a band around each hair: a map of 7 to 15 cells cannot point at a line.
    paint(on, muzzle, limb(spine(() => 0.085)), { layer: "parts" });
    paint(on, muzzle, limb(spine(thin, 0.022)), { layer: "shade", color: hex(0x2a2020), opacity: 0.4 });
    paint(on, muzzle, limb(spine(thin)), { layer: "parts", color: hex(0xfffaf2), opacity: 0.95 });
  }

  return {
    behindHead() {
      ear(-1);
      ear(1);
    },
    chin() {
      const color: Color = dim(coat.muzzle, 0.93);
      paint(on, muzzle, ellipse(0, 0.2, 0.17, 0.17), { layer: "parts", color, round: 0.15 });
    },
    overHead() {
      const pads = [-0.17, 0.17].map((x) => ellipse(x, 0.06, pad, pad * 0.8));
      const snout = melt(0.1, ellipse(0, -0.08, 0.16, 0.14), ...pads);
      paint(on, muzzle, snout, { layer: "parts", color: coat.muzzle, round: 0.2 });
      for (const side of [-1, 1]) {
        const lip = bend([
          0,
          0.06,
          0.016,
          side * 0.05,
          0.16,
          0.02,
          side * 0.15,
          0.19,
          0.02,
          side * 0.24,
          0.14,
          0.012,
        ]);
        paint(on, muzzle, limb(lip), { layer: "parts", color: ink });
        for (let k = 0; k < 3; k++) {
          const root = ellipse(side * (0.16 + 0.045 * k), 0.06 * ((k + 1) % 3) - 0.02, 0.018, 0.018);
          paint(on, muzzle, root, { layer: "parts", color: ink, opacity: 0.6 });
        }
      }
      const nose = curve([-0.1, -0.13, 0, -0.15, 0.1, -0.13, 0.06, -0.05, 0, 0, -0.06, -0.05]);
      paint(on, muzzle, limb([0, 0, 0.014, 0, 0.08, 0.014]), { layer: "parts", color: ink });
      paint(on, muzzle, polygon(nose, 0.02), { layer: "parts", color: coat.nose, round: 0.08 });
      const gleam = ellipse(on.light.direction[0] * 0.05, -0.11, 0.045, 0.018);
      paint(on, muzzle, gleam, { layer: "parts", color: [1, 1, 1], opacity: 0.6, soft: 0.03 });
      for (const side of [-1, 1]) for (const row of [-1, 0, 1]) whisker(side, row);
    },
  };
}
