import type { Random } from "../../base/random.ts";
import { type Animal, brush, fluffy } from "./animal.ts";
import { paint } from "./canvas.ts";
import { dim, hex, hsl } from "./color.ts";
import { place } from "./frame.ts";
import { clip, ellipse, limb, melt, polygon } from "./shapes.ts";

/** Shoulders, chest and sometimes a collar or a scarf, below the head. The same for both classes. */
export function paintBody({ on, coat, trunk }: Animal, draw: Random): void {
  const broad = draw.uniform(0.78, 0.98);
  const lean = draw.uniform(-0.15, 0.15);
  const torso = melt(
    0.5,
    ellipse(0, 0.9, 0.62, 0.6),
    ellipse(lean, 1.75, broad, 0.95),
    ellipse(lean * 1.5, 3, broad * 1.1, 1.4),
  );
  const shape = fluffy(torso, 0.045, 44, draw.uniform(0, 90));
  paint(on, trunk, shape, { layer: "animal", color: coat.fur, round: 0.55 });
  paint(on, trunk, ellipse(lean * 0.5, 1.25, 0.45, 0.58), {
    layer: "animal",
    color: coat.muzzle,
    opacity: 0.8,
    soft: 0.25,
  });
  brush(on, trunk, shape, draw, 260);
  // The head's shadow gives the chest its depth.
  paint(on, trunk, ellipse(-on.light.direction[0] * 0.15, 0.62, 0.95, 0.72), {
    layer: "shade",
    color: [0.08, 0.05, 0.08],
    opacity: 0.5,
    soft: 0.7,
    onAnimal: true,
  });
  const dress = draw.next();
  const cloth = hsl(draw.next(), draw.uniform(0.5, 0.8), draw.uniform(0.38, 0.6));
  const neck = ellipse(0, 0.55, 0.72, 0.55);
  if (dress < 0.3) {
    paint(on, trunk, clip(neck, torso), { layer: "animal", color: cloth, round: 0.12 });
    const tag = place(trunk, { x: 0, y: 1.14, scale: 0.11 });
    paint(on, tag, ellipse(0, 0, 1, 1), { layer: "animal", color: hex(0xe9bf4a), round: 0.8 });
    paint(on, tag, limb([-0.45, 0.2, 0.12, 0.45, 0.2, 0.12]), { layer: "animal", color: hex(0x7c5a17) });
  } else if (dress < 0.45) {
    const scarf = polygon([-0.72, 0.6, 0.72, 0.6, 0.45, 1.12, 0.05, 1.5, -0.05, 1.5, -0.45, 1.12], 0.05);
    const dots = dim(cloth, 1.45);
    paint(on, trunk, scarf, {
      layer: "animal",
      color: (u, v, out) => {
        const row = Math.round(v * 5);
        const dx = (u * 5 + (row & 1) * 0.5) % 1;
        const near = Math.hypot(Math.abs(dx) > 0.5 ? 1 - Math.abs(dx) : dx, v * 5 - row) < 0.24;
        out.set(near ? dots : cloth);
      },
      round: 0.15,
    });
  }
}
