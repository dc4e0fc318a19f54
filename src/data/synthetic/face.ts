import type { Random } from "../../base/random.ts";
import { type Animal, onFace } from "./animal.ts";
import { paint } from "./canvas.ts";
import { type Color, dim, hex, luminance, mix } from "./color.ts";
import { place } from "./frame.ts";
import { length, step } from "./maths.ts";
import { bend, cut, ellipse, limb } from "./shapes.ts";

const irises = [0xe0a526, 0x8fb04a, 0x5fa37a, 0x8a5a2b, 0x5a3a22, 0x6fa8d0, 0xc98a3a].map(hex);
const rim: Color = hex(0x231a1a);

/** Both eyes: open wide, drowsy, or closed with pleasure. The same for both classes. */
export function paintEyes(animal: Animal, draw: Random): void {
  const { on, coat } = animal;
  const iris = draw.pick(irises);
  const size = draw.uniform(0.165, 0.205);
  const apart = draw.uniform(0.37, 0.42);
  const slant = draw.uniform(-0.05, 0.18);
  const pupil = draw.uniform(0.5, 0.72);
  const gaze = [draw.uniform(-0.16, 0.16), draw.uniform(-0.1, 0.12)] as const;
  const lid = draw.pick([-1, -1, -1, -1, -0.65, -0.4]);
  const closed = draw.next() < 0.12;
  // A closed eye is a line, which has to show on black fur too.
  const line = luminance(coat.base) < 0.4 ? mix(coat.pale, coat.dark, 0.2) : rim;
  const brow = draw.next() < 0.25;
  for (const side of [-1, 1]) {
    // The far eye looks a little narrower.
    const narrow = 1 - 0.12 * Math.max(0, side * animal.yaw);
    const socket = onFace(animal, side * apart, -0.1, 0.6, size);
    const eye = place(socket, { x: 0, y: 0, angle: side * slant, stretch: narrow });
    paint(on, eye, ellipse(0, 0.1, 1.5, 1.45), {
      layer: "shade",
      color: dim(coat.dark, 0.5),
      opacity: 0.3,
      soft: 1,
    });
    if (brow)
      paint(on, eye, ellipse(side * -0.1, -1.75, 0.55, 0.36), {
        layer: "animal",
        color: coat.pale,
        soft: 0.4,
      });
    if (closed) {
      const arc = [-1, -0.6, 0, 0.6, 1].flatMap((x) => [x, 0.45 * x * x - 0.1, 0.15 - 0.06 * x * x]);
      paint(on, eye, limb(bend(arc)), { layer: "animal", color: line });
      continue;
    }
    const ball = ellipse(0, 0, 1, 1);
    paint(on, eye, ellipse(0, 0, 1.17, 1.17), { layer: "animal", color: rim });
    paint(on, eye, ball, {
      layer: "animal",
      color: (u, v, out) => {
        const glow = 0.55 + 0.75 * step(-0.7, 0.9, v) - 0.35 * step(0.75, 1, length(u, v));
        for (let c = 0; c < 3; c++) out[c] = iris[c]! * glow;
      },
    });
    paint(on, eye, ellipse(gaze[0], gaze[1], pupil, pupil * 1.06), {
      layer: "animal",
      color: hex(0x120d10),
      soft: 0.12,
    });
    paint(on, eye, ellipse(gaze[0], 0.52, 0.45, 0.2), {
      layer: "shade",
      color: mix(iris, [1, 1, 1], 0.5),
      opacity: 0.35,
      soft: 0.3,
    });
    if (lid > -1) {
      const upper = cut(ellipse(0, 0, 1.2, 1.2), ellipse(0, lid + 1.6, 1.9, 1.6));
      paint(on, eye, upper, { layer: "animal", color: dim(mix(coat.base, coat.dark, 0.3), 0.9), round: 1 });
      const lash = [-1.15, -0.6, 0, 0.6, 1.15].flatMap((x) => [
        x,
        lid + 1.6 - 1.6 * Math.sqrt(1 - (x / 1.9) ** 2),
        0.11 - 0.04 * x * x,
      ]);
      paint(on, eye, limb(lash), { layer: "animal", color: rim });
    }
    const spark = -Math.sign(-on.light.direction[0]);
    paint(on, socket, ellipse(spark * 0.36, Math.max(-0.4, lid + 0.4), 0.28, 0.28), {
      layer: "animal",
      color: [1, 1, 1],
    });
    paint(on, socket, ellipse(spark * -0.35, 0.42, 0.13, 0.13), {
      layer: "animal",
      color: [1, 1, 1],
      opacity: 0.75,
    });
  }
}

/** The tongue, where it hangs out; it starts behind the lips of either class. */
export function paintTongue(animal: Animal, draw: Random): void {
  const out = draw.next() < 0.4;
  const long = draw.uniform(0.2, 0.32);
  const lean = draw.uniform(-0.08, 0.08);
  if (!out) return;
  const at = onFace(animal, 0, 0.6, 1);
  const pink = hex(0xe8737f);
  paint(animal.on, at, limb([0, -0.1, 0.13, lean, long, 0.125]), {
    layer: "animal",
    color: pink,
    round: 0.14,
  });
  paint(animal.on, at, limb([0, 0, 0.012, lean, long * 0.8, 0.008]), {
    layer: "shade",
    color: dim(pink, 0.6),
    opacity: 0.7,
  });
}
