import type { Random } from "../../base/random.ts";
import { type Canvas, fill, hair, paint } from "./canvas.ts";
import { type Color, dim, hex, hsl, mix } from "./color.ts";
import { place, scene } from "./frame.ts";
import { length, step } from "./maths.ts";
import { clouds, noise } from "./noise.ts";
import { ellipse, rectangle } from "./shapes.ts";

/** Paints what lies behind the animal. Knows nothing of the class. */
export function paintBackground(on: Canvas, draw: Random): void {
  draw.pick(backgrounds)(on, draw);
}

const backgrounds: readonly ((on: Canvas, draw: Random) => void)[] = [wall, room, meadow, sofa, sky, bokeh];

function set(out: Float32Array, a: Color, b: Color, t: number, gain = 1): void {
  for (let c = 0; c < 3; c++) out[c] = (a[c]! + (b[c]! - a[c]!) * t) * gain;
}

/** A studio's wall: a soft glow on plaster. */
function wall(on: Canvas, draw: Random): void {
  const hue = draw.next();
  const glow = hsl(hue, draw.uniform(0.15, 0.5), draw.uniform(0.66, 0.85));
  const edge = hsl(hue + draw.uniform(-0.08, 0.08), draw.uniform(0.2, 0.5), draw.uniform(0.3, 0.5));
  const cx = draw.uniform(0.2, 0.8) * (on.width / on.scale);
  const cy = draw.uniform(0.1, 0.5);
  const phase = draw.uniform(0, 90);
  fill(on, (x, y, out) => {
    const t = step(0.1, 1.05, length(x - cx, y - cy) + 0.14 * (noise(x * 5 + phase, y * 5) - 0.5));
    set(out, glow, edge, t);
  });
}

/** A room: papered wall, skirting board, wooden floor, perhaps a window or a picture. */
function room(on: Canvas, draw: Random): void {
  const width = on.width / on.scale;
  const height = on.height / on.scale;
  const hue = draw.next();
  const paper = hsl(hue, draw.uniform(0.15, 0.45), draw.uniform(0.55, 0.82));
  const print = dim(paper, draw.pick([0.88, 1.1]));
  const pattern = draw.pick(["stripes", "dots", "plain", "diamonds"]);
  const pitch = draw.uniform(6, 11);
  const floor = height * draw.uniform(0.66, 0.82);
  const wood = draw.pick([hex(0xa9794c), hex(0x8a5d3a), hex(0xc59a68), hex(0x6f5a4a)]);
  fill(on, (x, y, out) => {
    if (y > floor) {
      const plank = Math.floor((y - floor) * 14);
      const grain = 0.82 + 0.26 * noise(x * 5 + plank * 13, y * 60) + 0.1 * noise(plank * 7.3, 3);
      set(out, wood, wood, 0, (y - floor) * 14 - plank < 0.08 ? 0.6 : grain);
    } else if (y > floor - 0.035) set(out, [0.93, 0.91, 0.88], paper, 0.15, y > floor - 0.006 ? 0.6 : 1);
    else {
      const u = x * pitch;
      const v = y * pitch;
      const row = Math.floor(v);
      const du = u + (row & 1) * 0.5 - Math.floor(u + (row & 1) * 0.5) - 0.5;
      const dv = v - row - 0.5;
      let t = 0;
      if (pattern === "stripes") t = step(0.2, 0.3, Math.abs(u - Math.floor(u) - 0.5));
      else if (pattern === "dots") t = step(0.24, 0.18, length(du, dv));
      else if (pattern === "diamonds") t = step(0.34, 0.28, Math.abs(du) + Math.abs(dv));
      set(out, paper, print, t, 0.92 + 0.12 * noise(x * 3, y * 3));
    }
  });
  if (draw.next() < 0.6) {
    const at = place(scene, { x: width * draw.pick([0.15, 0.85]), y: height * draw.uniform(0.1, 0.3) });
    const view = hsl(draw.next(), 0.45, 0.7);
    const far = hsl(draw.next(), 0.4, 0.45);
    const frame = draw.pick([hex(0xf6f2ea), hex(0x6b4a32), hex(0xd3ac53)]);
    paint(on, at, rectangle(0.012, 0.015, 0.15, 0.2), {
      layer: "shade",
      color: [0, 0, 0],
      opacity: 0.3,
      soft: 0.05,
    });
    paint(on, at, rectangle(0, 0, 0.15, 0.2, 0.01), { layer: "scenery", color: frame, round: 0.02 });
    paint(on, at, rectangle(0, 0, 0.12, 0.17), {
      layer: "scenery",
      color: (u, v, out) => set(out, view, far, step(-0.01, 0.01, v - 0.05 * noise(u * 12 + 3, 5) - 0.02)),
    });
  }
}

/** A meadow: sky, soft hills, blades of grass, some flowers. */
function meadow(on: Canvas, draw: Random): void {
  const width = on.width / on.scale;
  const height = on.height / on.scale;
  const horizon = height * draw.uniform(0.25, 0.6);
  const top = mix(hex(0x7db8e8), hex(0xf2c9a0), draw.next() * 0.8);
  const haze = mix(hex(0xe6f1f5), hex(0xfbe9d0), draw.next());
  const near = hsl(draw.uniform(0.2, 0.32), draw.uniform(0.35, 0.55), draw.uniform(0.26, 0.38));
  const far = mix(near, haze, 0.45);
  const phase = draw.uniform(0, 90);
  fill(on, (x, y, out) => {
    const hill = horizon + 0.14 * (noise(x * 2.2 + phase, 1) - 0.5);
    const wood = hill - 0.05 - 0.1 * noise(x * 9 + phase, 4);
    set(out, top, haze, Math.min(1, Math.max(0, y / horizon)));
    const trees = step(-0.004, 0.006, y - wood);
    const leaf = trees > 0 ? 0.72 + 0.3 * noise(x * 30, y * 30) : 0;
    const ground = step(-0.004, 0.006, y - hill);
    const lawn = ground > 0 ? 0.84 + 0.28 * clouds(x * 7 + phase, y * 16) : 0;
    const t = 0.4 + 0.6 * step(hill, height, y);
    for (let c = 0; c < 3; c++) {
      const behind = out[c]! + ((far[c]! * 0.7 + near[c]! * 0.3) * leaf - out[c]!) * trees;
      out[c] = behind + ((far[c]! + (near[c]! - far[c]!) * t) * lawn - behind) * ground;
    }
  });
  for (let i = 0; i < 320; i++) {
    const x = draw.uniform(0, width);
    const depth = draw.next();
    const y = horizon + 0.05 + (height - horizon) * depth;
    const long = 0.03 + 0.07 * depth;
    hair(on, x, y, draw.uniform(-0.4, 0.4) * long, -long, 0.009, draw.pick([0.65, 0.8, 1.25, 1.4]));
  }
  const petals = draw.pick([hex(0xffffff), hex(0xf7d448), hex(0xe9799a), hex(0xa58be0)]);
  const flowers = draw.below(16);
  for (let i = 0; i < flowers; i++) {
    const depth = draw.next();
    const y = horizon + 0.08 + (height - horizon) * depth;
    const at = place(scene, { x: draw.uniform(0, width), y, scale: 0.008 + 0.014 * depth });
    for (let k = 0; k < 5; k++)
      paint(on, at, ellipse(Math.cos(k * 1.257), Math.sin(k * 1.257), 0.75, 0.75), {
        layer: "scenery",
        color: petals,
      });
    paint(on, at, ellipse(0, 0, 0.6, 0.6), { layer: "scenery", color: hex(0xf0b429) });
  }
}

/** A sofa: a quilted or striped back with a seam and a wall above. */
function sofa(on: Canvas, draw: Random): void {
  const height = on.height / on.scale;
  const cloth = hsl(draw.next(), draw.uniform(0.2, 0.55), draw.uniform(0.32, 0.58));
  const paper = hsl(draw.next(), draw.uniform(0.1, 0.3), draw.uniform(0.7, 0.88));
  const top = height * draw.uniform(0.1, 0.4);
  const weave = draw.pick(["plain", "stripes", "check", "quilt"]);
  const pitch = draw.uniform(5, 9);
  fill(on, (_, y, out) => set(out, paper, dim(paper, 0.8), y));
  paint(on, scene, rectangle(0.5, top + 2, 3, 2, 0.09), {
    layer: "scenery",
    color: (x, y, out) => {
      const u = x * pitch - Math.floor(x * pitch) - 0.5;
      const v = y * pitch - Math.floor(y * pitch) - 0.5;
      let t = 0;
      if (weave === "stripes") t = step(0.22, 0.28, Math.abs(u)) * 0.3;
      else if (weave === "check") t = 0.16 * (step(0.2, 0.26, Math.abs(u)) + step(0.2, 0.26, Math.abs(v)));
      else if (weave === "quilt")
        t = 0.4 * step(0.12, 0, Math.min(Math.abs(u + v), Math.abs(Math.abs(u - v))));
      set(out, cloth, dim(cloth, 0.4), t, 0.93 + 0.14 * noise(x * 130, y * 80));
    },
    round: 0.11,
  });
  const seat = height * draw.uniform(0.78, 0.92);
  paint(on, scene, rectangle(0.5, seat, 3, 0.012), {
    layer: "shade",
    color: [0, 0, 0],
    opacity: 0.4,
    soft: 0.05,
  });
}

/** Sky and fair-weather clouds. */
function sky(on: Canvas, draw: Random): void {
  const height = on.height / on.scale;
  const evening = draw.next();
  const top = mix(hex(0x3f86cf), hex(0x6a5a9e), evening);
  const low = mix(hex(0xcfe8f7), hex(0xf9c79c), evening);
  const puff = mix(hex(0xffffff), hex(0xfbe0d2), evening);
  const phase = draw.uniform(0, 90);
  const cover = draw.uniform(0.45, 0.6);
  fill(on, (x, y, out) => {
    set(out, top, low, y / height);
    const body = step(cover, cover + 0.2, clouds(x * 2.4 + phase, y * 4 + phase));
    const shade = 0.84 + 0.2 * noise(x * 4 + phase, y * 7 + phase);
    for (let c = 0; c < 3; c++) out[c]! += (puff[c]! * shade - out[c]!) * body;
  });
}

/** Lights far out of focus. */
function bokeh(on: Canvas, draw: Random): void {
  const width = on.width / on.scale;
  const height = on.height / on.scale;
  const hue = draw.next();
  const a = hsl(hue, 0.4, draw.uniform(0.15, 0.4));
  const b = hsl(hue + draw.uniform(-0.2, 0.2), 0.45, draw.uniform(0.2, 0.5));
  fill(on, (x, y, out) => set(out, a, b, noise(x * 2 + hue * 50, y * 2)));
  const drift = draw.next();
  const count = 14 + draw.below(14);
  for (let i = 0; i < count; i++) {
    const r = draw.uniform(0.02, 0.1);
    const color = hsl(drift + draw.uniform(-0.12, 0.12), 0.7, draw.uniform(0.6, 0.8));
    const at = place(scene, { x: draw.uniform(0, width), y: draw.uniform(0, height) });
    const opacity = draw.uniform(0.12, 0.5);
    paint(on, at, ellipse(0, 0, r, r), { layer: "scenery", color, opacity, soft: r * 0.35 });
    paint(on, at, ellipse(0, 0, r * 0.8, r * 0.8), {
      layer: "scenery",
      color: dim(color, 0.85),
      opacity: opacity * 0.4,
      soft: r * 0.5,
    });
  }
}
