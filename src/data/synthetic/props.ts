import type { Random } from "../../base/random.ts";
import { type Canvas, paint } from "./canvas.ts";
import { type Color, dim, hex, hsl, mix } from "./color.ts";
import { type Frame, place, scene } from "./frame.ts";
import { length, step } from "./maths.ts";
import { noise } from "./noise.ts";
import { curve, ellipse, limb, polygon, rectangle } from "./shapes.ts";

/** A thing about 1 unit in radius around its frame's origin. */
type Prop = (on: Canvas, at: Frame, draw: Random) => void;

const props: readonly Prop[] = [ball, yarn, cushion, box, plant, mug];

/** Things that lie about: some behind the animal. */
export function paintClutter(on: Canvas, draw: Random): void {
  const width = on.width / on.scale;
  const height = on.height / on.scale;
  const count = draw.below(4);
  for (let i = 0; i < count; i++) {
    const size = draw.uniform(0.07, 0.15);
    const x = draw.pick([draw.uniform(0, 0.24), draw.uniform(0.76, 1)]) * width;
    const y = height * draw.uniform(0.62, 0.95);
    draw.pick(props)(on, place(scene, { x, y, scale: size, angle: draw.uniform(-0.3, 0.3) }), draw);
  }
}

/** Something before the animal in about two pictures of five: in a lower corner, or leaves that reach in from a side. */
export function paintCover(on: Canvas, draw: Random): void {
  const width = on.width / on.scale;
  const height = on.height / on.scale;
  const kind = draw.next();
  const side = draw.pick([-1, 1]);
  const x = width / 2 + side * (width / 2) * draw.uniform(0.55, 0.95);
  if (kind < 0.3) {
    const size = draw.uniform(0.12, 0.19);
    const y = height * draw.uniform(0.84, 0.97);
    draw.pick(props)(on, place(scene, { x, y, scale: size, angle: draw.uniform(-0.3, 0.3) }), draw);
  } else if (kind < 0.42) {
    const y = height * draw.uniform(0.1, 0.95);
    const root = place(scene, {
      x: side > 0 ? width + 0.04 : -0.04,
      y,
      scale: 0.2,
      angle: side * -draw.uniform(1, 1.9),
    });
    leaves(on, root, draw, 4);
  }
}

function contact(on: Canvas, at: Frame): void {
  const ground = { ...place(scene, { x: at.x0, y: at.y0 + at.scale * 0.95, scale: at.scale }) };
  paint(on, ground, ellipse(0, 0, 1.15, 0.28), {
    layer: "shade",
    color: [0, 0, 0],
    opacity: 0.45,
    soft: 0.35,
  });
}

function ball(on: Canvas, at: Frame, draw: Random): void {
  contact(on, at);
  const a = hsl(draw.next(), 0.7, 0.52);
  const b = draw.pick([hex(0xfaf6ee), hsl(draw.next(), 0.7, 0.6)]);
  const bands = draw.uniform(1.2, 2.2);
  paint(on, at, ellipse(0, 0, 1, 1), {
    layer: "scenery",
    color: (u, v, out) => {
      const bulge = Math.sqrt(Math.max(0.05, 1 - u * u - v * v));
      const wave = Math.sin((v / (0.5 + 0.5 * bulge)) * bands * 3 + u * 0.6);
      const t = step(0.25, 0.35, wave);
      for (let c = 0; c < 3; c++) out[c] = a[c]! + (b[c]! - a[c]!) * t;
    },
    round: 0.95,
  });
  const [lx, ly] = on.light.direction;
  paint(on, at, ellipse(lx * 0.6, ly * 0.6, 0.2, 0.15), {
    layer: "shade",
    color: [1, 1, 1],
    opacity: 0.6,
    soft: 0.2,
  });
}

function yarn(on: Canvas, at: Frame, draw: Random): void {
  contact(on, at);
  const a = hsl(draw.next(), 0.5, 0.55);
  const turn = draw.uniform(0, 3);
  paint(on, at, ellipse(0, 0, 0.95, 0.95), {
    layer: "scenery",
    color: (u, v, out) => {
      const sector = Math.floor((Math.atan2(v, u) + turn) / 1.3 + 2 * noise(u * 1.5 + 9, v * 1.5));
      const line = Math.sin((u * Math.cos(sector * 1.9) + v * Math.sin(sector * 1.9)) * 26);
      for (let c = 0; c < 3; c++) out[c] = a[c]! * (0.88 + 0.18 * line);
    },
    round: 0.9,
  });
}

function cushion(on: Canvas, at: Frame, draw: Random): void {
  contact(on, at);
  const a = hsl(draw.next(), draw.uniform(0.3, 0.6), draw.uniform(0.4, 0.7));
  const b = dim(a, draw.pick([0.75, 1.25]));
  const corners = [-1.15, -0.9, 0, -0.72, 1.15, -0.9, 0.98, 0, 1.15, 0.9, 0, 0.75, -1.15, 0.9, -0.98, 0];
  const motif = draw.pick(["dots", "stripes", "plain"]);
  paint(on, at, polygon(corners, 0.1), {
    layer: "scenery",
    color: (u, v, out) => {
      const x = u * 2.4 - Math.floor(u * 2.4) - 0.5;
      const y = v * 2.4 - Math.floor(v * 2.4) - 0.5;
      const t =
        motif === "dots"
          ? step(0.3, 0.24, length(x, y))
          : motif === "stripes"
            ? step(0.2, 0.26, Math.abs(x))
            : 0;
      for (let c = 0; c < 3; c++) out[c] = a[c]! + (b[c]! - a[c]!) * t;
    },
    round: 0.7,
  });
}

function box(on: Canvas, at: Frame, draw: Random): void {
  contact(on, at);
  const card = draw.pick([hex(0xc49a6c), hex(0xb5834f), hsl(draw.next(), 0.4, 0.55)]);
  paint(on, at, rectangle(0, 0.1, 1, 0.85, 0.03), { layer: "scenery", color: card, round: 0.12 });
  paint(on, at, polygon([-1, -0.75, -0.7, -1.1, 1.25, -1.1, 1, -0.75]), {
    layer: "scenery",
    color: mix(card, [1, 1, 1], 0.25),
  });
  paint(on, at, rectangle(0, 0.1, 0.14, 0.85), {
    layer: "scenery",
    color: mix(card, hex(0xf3e3c2), 0.6),
    opacity: 0.9,
  });
}

function plant(on: Canvas, at: Frame, draw: Random): void {
  contact(on, at);
  leaves(on, place(at, { x: 0, y: 0.2 }), draw, 6);
  const pot = draw.pick([hex(0xc8693f), hex(0xe9e4da), hsl(draw.next(), 0.35, 0.5)]);
  paint(on, at, polygon([-0.55, 0.2, 0.55, 0.2, 0.42, 0.95, -0.42, 0.95], 0.04), {
    layer: "scenery",
    color: pot,
    round: 0.35,
  });
  paint(on, at, rectangle(0, 0.2, 0.66, 0.12, 0.05), { layer: "scenery", color: pot, round: 0.12 });
}

/** Leaves that fan out upwards from the origin. */
function leaves(on: Canvas, at: Frame, draw: Random, count: number): void {
  const green: Color = hsl(draw.uniform(0.23, 0.42), draw.uniform(0.3, 0.55), draw.uniform(0.26, 0.42));
  const slim = draw.uniform(0.15, 0.28);
  for (let i = 0; i < count; i++) {
    const angle = ((i + 0.5) / count - 0.5) * 2.2 + draw.uniform(-0.15, 0.15);
    const leaf = place(at, { x: 0, y: 0, angle, scale: draw.uniform(0.95, 1.35) });
    const blade = curve(
      [0, 0, -slim, -0.45, -slim * 0.6, -0.85, 0, -1.15, slim * 0.6, -0.85, slim, -0.45],
      2,
    );
    paint(on, leaf, polygon(blade), {
      layer: "scenery",
      color: dim(green, draw.uniform(0.8, 1.25)),
      round: 0.16,
    });
    paint(on, leaf, limb([0, 0, 0.025, 0, -1, 0.01]), {
      layer: "shade",
      color: mix(green, [1, 1, 0.8], 0.4),
      opacity: 0.6,
    });
  }
}

function mug(on: Canvas, at: Frame, draw: Random): void {
  contact(on, at);
  const glaze = hsl(draw.next(), draw.uniform(0.2, 0.6), draw.uniform(0.45, 0.8));
  const ring = [0, 0.7, 1.4, 2.1, 2.8, 3.14].flatMap((t) => [
    0.6 + 0.42 * Math.sin(t),
    0.1 - 0.4 * Math.cos(t),
    0.1,
  ]);
  paint(on, at, limb(ring), { layer: "scenery", color: glaze, round: 0.1 });
  paint(on, at, rectangle(0, 0.12, 0.68, 0.82, 0.14), { layer: "scenery", color: glaze, round: 0.5 });
  paint(on, at, ellipse(0, -0.66, 0.62, 0.14), { layer: "scenery", color: dim(glaze, 0.5) });
  paint(on, at, rectangle(0, 0.3, 0.68, 0.08), {
    layer: "shade",
    color: mix(glaze, [1, 1, 1], 0.7),
    opacity: 0.6,
  });
}
