import type { Random } from "../../base/random.ts";
import { type Animal, brush, onFace, shadow, type Tells } from "./animal.ts";
import { paint } from "./canvas.ts";
import { type Color, dim, hex, mix } from "./color.ts";
import { place } from "./frame.ts";
import { bend, curve, ellipse, limb, melt, polygon, type Shape } from "./shapes.ts";

/** A dog's tells: floppy or half-dropped round ears, a long muzzle with a big nose, hardly a whisker. */
export function drawDog(animal: Animal, draw: Random): Tells {
  const { on, coat } = animal;
  const folded = draw.next() < 0.35;
  const drop = draw.uniform(0.85, 1.35);
  const wide = draw.uniform(0.27, 0.34);
  const flare = draw.uniform(0, 0.16);
  const jowl = draw.uniform(0.29, 0.35);
  const bridge = draw.uniform(0.2, 0.28);
  const big = draw.uniform(0.22, 0.28);
  const muzzle = onFace(animal, 0, 0.36, 1.1);
  const ink = dim(mix(coat.nose, hex(0x2b1b1b), 0.7), 0.8);
  const leathery = mix(coat.nose, hex(0x1c1719), 0.6);
  const flap = folded ? halfDropped(drop) : hanging(drop, wide, flare);

  function ear(side: number): void {
    const far = 1 - 0.14 * Math.max(0, side * animal.yaw);
    const at = place(animal.head, { x: side * 0.6 - animal.yaw * 0.05, y: -0.62, stretch: side * far });
    shadow(on, at, flap, 0.08, 0.35);
    paint(on, at, flap, { layer: "parts", color: coat.ear, round: 0.26 });
    brush(on, at, flap, draw, 40, -0.5);
    if (folded) {
      const crease = limb([-0.2, -0.14, 0.02, 0.12, -0.32, 0.05, 0.4, -0.24, 0.02]);
      paint(on, at, crease, { layer: "shade", color: coat.pale, opacity: 0.3, soft: 0.08 });
    }
  }

  function lip(side: number): void {
    const curl = bend([
      0,
      0.14,
      0.02,
      side * 0.09,
      0.25,
      0.024,
      side * 0.25,
      0.29,
      0.024,
      side * 0.4,
      0.21,
      0.012,
    ]);
    paint(on, muzzle, limb(curl), { layer: "parts", color: ink });
    for (let k = 0; k < 3; k++) {
      const root = ellipse(side * (0.24 + 0.05 * k), 0.05 * ((k + 1) % 3) + 0.05, 0.02, 0.02);
      paint(on, muzzle, root, { layer: "parts", color: ink, opacity: 0.6 });
    }
  }

  function nose(): void {
    const at = place(muzzle, { x: 0, y: -0.13, scale: big });
    const leather = polygon(
      curve([-1, -0.35, -0.5, -0.8, 0.5, -0.8, 1, -0.35, 0.68, 0.4, 0, 0.72, -0.68, 0.4]),
      0.1,
    );
    paint(on, at, leather, { layer: "parts", color: leathery, round: 0.6 });
    for (const side of [-1, 1])
      paint(on, at, ellipse(side * 0.5, 0.15, 0.23, 0.16), { layer: "parts", color: dim(leathery, 0.35) });
    const gleam = ellipse(on.light.direction[0] * 0.45, -0.48, 0.4, 0.15);
    paint(on, at, gleam, { layer: "parts", color: [1, 1, 1], opacity: 0.7, soft: 0.25 });
  }

  return {
    behindHead() {},
    chin() {
      const color: Color = dim(coat.muzzle, 0.85);
      paint(on, muzzle, ellipse(0, 0.3, 0.22, 0.2), { layer: "parts", color, round: 0.15 });
    },
    overHead() {
      const jowls = [-0.22, 0.22].map((x) => ellipse(x, 0.08, jowl, jowl * 0.82));
      const snout = melt(0.25, ellipse(0, -0.2, bridge, 0.38), ...jowls);
      shadow(on, muzzle, snout, 0.07, 0.3);
      paint(on, muzzle, snout, { layer: "parts", color: coat.muzzle, round: 0.3 });
      for (const side of [-1, 1]) lip(side);
      paint(on, muzzle, limb([0, -0.02, 0.018, 0, 0.15, 0.018]), { layer: "parts", color: ink });
      nose();
      for (const side of [-1, 1]) ear(side);
    },
  };
}

/** An ear that hangs down the cheek, from its root at the origin; `drop` long. */
function hanging(drop: number, wide: number, flare: number): Shape {
  const root = [-0.02, 0, 0.16, 0.26, 0.08, wide * 0.85];
  const middle = [0.38 + flare, drop * 0.45, wide, 0.36 + flare, drop * 0.8, wide * 0.9];
  return limb(bend([...root, ...middle, 0.3 + flare, drop, wide * 0.66], 2));
}

/** An ear that stands at its root and tips over, as a terrier's. */
function halfDropped(drop: number): Shape {
  const fold = [-0.28, -0.2, 0.1, -0.4, 0.42, -0.3, 0.56, 0.1];
  return polygon(curve([...fold, 0.5, 0.42 * drop, 0.34, 0.6 * drop, 0.12, 0.36]), 0.04);
}
