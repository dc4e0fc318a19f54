import type { Random } from "../../base/random.ts";
import { type Canvas, hair, paint } from "./canvas.ts";
import type { Coat } from "./coat.ts";
import { type Frame, place, scene } from "./frame.ts";
import { noise } from "./noise.ts";
import { ellipse, melt, type Shape } from "./shapes.ts";

/** One animal on its canvas: what its parts need to know to paint themselves. */
export interface Animal {
  readonly on: Canvas;
  readonly coat: Coat;
  /** Centre of the head, its radius as the unit, turned with the head. */
  readonly head: Frame;
  /** Same centre and unit, upright: chest, collar, paws. */
  readonly trunk: Frame;
  /** How far the head looks aside (-1 to 1) and up or down (-1 to 1). */
  readonly yaw: number;
  readonly pitch: number;
}

/** What tells the classes apart, and nothing else: each class paints its own on the same head. */
export interface Tells {
  /** Ears, or the parts of them, that the head hides. */
  behindHead(): void;
  /** Chin and lower lip: the tongue hangs over them. */
  chin(): void;
  /** Muzzle, nose, whiskers, and what lies over the head of the ears. */
  overHead(): void;
}

/** Where the head is and how it is held. */
export function drawPose(draw: Random, on: Canvas): Pick<Animal, "head" | "trunk" | "yaw" | "pitch"> {
  const width = on.width / on.scale;
  const height = on.height / on.scale;
  const radius = draw.uniform(0.295, 0.36);
  const slack = 0.5 - radius;
  const x = width / 2 + draw.uniform(-1, 1) * (slack * 0.7 + (width - 1) * 0.3);
  const y = height * 0.545 + draw.uniform(-1, 1) * (slack * 0.32 + (height - 1) * 0.2);
  const angle = Math.max(-0.42, Math.min(0.42, draw.normal() * 0.17));
  return {
    head: place(scene, { x, y, scale: radius, angle, stretch: draw.uniform(0.95, 1.06) }),
    trunk: place(scene, { x: x - Math.sin(angle) * radius * 0.5, y, scale: radius, angle: angle * 0.25 }),
    yaw: draw.uniform(-1, 1),
    pitch: draw.uniform(-1, 1),
  };
}

/** A frame on the face at (x, y) head units, moved with the turn of the head by how far it stands out, 0 to 1. */
export function onFace({ head, yaw, pitch }: Animal, x: number, y: number, depth: number, scale = 1): Frame {
  return place(head, { x: x + yaw * 0.2 * depth, y: y + pitch * 0.08 * depth, scale });
}

/** Ragged edge of the fur: tufts stand out by up to `amount`, `count` of them around the shape's origin. */
export function fluffy(shape: Shape, amount: number, count: number, phase: number): Shape {
  const [left, top, right, bottom] = shape.box;
  const reach = amount * 3;
  return {
    distance(x, y) {
      const d = shape.distance(x, y);
      if (d > amount * 2) return d - amount * 1.3;
      if (d < -reach) return d;
      const turn = (Math.atan2(x, -y) / (2 * Math.PI)) * count;
      const bent = turn + 1.4 * noise(turn * 0.7 + phase, 3) + d * 2.5;
      const tuft = Math.abs(bent - Math.floor(bent) - 0.5) * 2;
      const fade = d < 0 ? 1 + d / reach : 1;
      return d - amount * tuft * (0.3 + noise(turn * 0.4 + 7, phase)) * fade * fade;
    },
    box: [left - amount, top - amount, right + amount, bottom + amount],
  };
}

/** Head and cheeks, in head units; the same for both classes. */
export function headShape(draw: Random): Shape {
  const cheek = draw.uniform(0.8, 0.92);
  const skull = melt(
    0.5,
    ellipse(0, -0.1, draw.uniform(0.88, 0.95), 0.82),
    ellipse(0, 0.3, cheek, draw.uniform(0.58, 0.66)),
  );
  return fluffy(skull, draw.uniform(0.025, 0.06), 58, draw.uniform(0, 90));
}

/** The shadow a part throws on the animal below it, away from the lamp. */
export function shadow(on: Canvas, frame: Frame, shape: Shape, reach: number, opacity: number): void {
  const [lx, ly] = on.light.direction;
  const shift = reach * frame.scale;
  const moved = { ...frame, x0: frame.x0 - lx * shift, y0: frame.y0 - ly * shift };
  paint(on, moved, shape, {
    layer: "shade",
    color: [0.1, 0.05, 0.08],
    opacity,
    soft: reach * 1.2,
    onAnimal: true,
  });
}

/** Strokes of fur on a shape, growing away from (0, root): lighter and darker hairs over the colour below. */
export function brush(on: Canvas, frame: Frame, shape: Shape, draw: Random, count: number, root = 0.3): void {
  const [left, top, right, bottom] = shape.box;
  for (let i = 0; i < count; i++) {
    const u = draw.uniform(left, right);
    const v = draw.uniform(top, bottom);
    const long = draw.uniform(0.08, 0.17);
    const bend = draw.uniform(-0.4, 0.4);
    const factor = draw.pick([0.72, 0.8, 1.18, 1.28]);
    if (shape.distance(u, v) > -0.04) continue;
    const away = Math.atan2(v - root, u) + bend;
    const du = Math.cos(away) * long;
    const dv = Math.sin(away) * long;
    const { xx, xy, yx, yy, x0, y0 } = frame;
    hair(on, xx * u + xy * v + x0, yx * u + yy * v + y0, xx * du + xy * dv, yx * du + yy * dv, 0.006, factor);
  }
}
