import type { Random } from "../../base/random.ts";
import type { Shader } from "./canvas.ts";
import { type Color, hex, mix } from "./color.ts";
import { length, step } from "./maths.ts";
import { clouds, noise } from "./noise.ts";

/** An animal's fur: its colours and its pattern. The same for both classes. */
export interface Coat {
  readonly base: Color;
  readonly dark: Color;
  readonly pale: Color;
  /** Colour of the muzzle, the chin and the chest. */
  readonly muzzle: Color;
  readonly nose: Color;
  readonly innerEar: Color;
  /** The fur's colour, in units of the head's radius from its centre. */
  readonly fur: Shader;
  /** The fur of the ears: a plainer, often darker relative of the head's. */
  readonly ear: Shader;
}

/** Base, dark and pale shade of each fur. */
const furs = {
  ginger: [0xdd9147, 0xa9561f, 0xfae3c3],
  golden: [0xd9ad66, 0xa0702f, 0xf8e8c6],
  cream: [0xead7b4, 0xb98f60, 0xfcf4e4],
  brown: [0x946744, 0x543520, 0xe2c29c],
  chocolate: [0x6d4a37, 0x3c261a, 0xc39d7c],
  grey: [0x979ba3, 0x565b66, 0xe6e8ea],
  slate: [0x71808f, 0x414d5c, 0xcfd8df],
  charcoal: [0x4b4b54, 0x26262c, 0x9a9aa4],
  white: [0xf1eee8, 0xa99f93, 0xffffff],
  fawn: [0xcda98a, 0x7c5a45, 0xf3e2d2],
} as const;

type Pattern = (u: number, v: number) => readonly [dark: number, pale: number];

/** Shares of the dark and of the pale shade at a point of the coat. */
const patterns = {
  solid(draw) {
    const belly = draw.uniform(0, 0.7);
    return (_, v) => [0, belly * step(0.1, 0.9, v)];
  },
  tabby(draw) {
    const count = draw.uniform(7, 10);
    const phase = draw.uniform(0, 6);
    return (u, v) => {
      // Stripes fan out from the nose; on the cheeks they lie level, on the forehead they stand.
      const radius = length(u, v - 0.3);
      const angle = Math.atan2(Math.abs(u), 0.3 - v);
      const wave = Math.sin(angle * count + noise(u * 3 + phase, v * 3) * 2.2 - 1.1);
      const stripe = step(0.15, 0.6, wave) * step(0.5, 0.75, radius) * (1 - 0.55 * step(1.6, 2, radius));
      return [stripe * 0.8, 0.55 * (1 - step(0.2, 0.55, length(u, v - 0.5)))];
    };
  },
  spots(draw) {
    const density = draw.uniform(2.6, 4);
    const phase = draw.below(60);
    return (u, v) => {
      const x = u * density + phase;
      const y = v * density + phase * 2;
      const blot = noise(x, y) + 0.25 * noise(x * 2.7, y * 2.7);
      return [step(0.72, 0.79, blot) * step(0.3, 0.55, length(u, v - 0.25)) * 0.92, 0];
    };
  },
  patches(draw) {
    const phase = draw.uniform(0, 90);
    return (u, v) => [
      step(0.5, 0.56, clouds(u * 1.1 + phase, v * 1.1)) * 0.9,
      step(0.52, 0.57, clouds(u * 1.2 + 41, v * 1.2 + phase)),
    ];
  },
  bicolour(draw) {
    const width = draw.uniform(0.1, 0.26);
    const phase = draw.uniform(0, 90);
    return (u, v) => {
      const edge = width + 0.75 * step(-0.1, 0.9, v) + 0.16 * (noise(u * 4 + phase, v * 4) - 0.5);
      return [0, step(0.05, -0.05, Math.abs(u) - edge)];
    };
  },
  mask(draw) {
    const reach = draw.uniform(0.55, 0.8);
    return (u, v) => [0.85 * (1 - step(reach * 0.6, reach * 1.2, length(u, v - 0.25))), 0];
  },
} satisfies Record<string, (draw: Random) => Pattern>;

export function drawCoat(draw: Random): Coat {
  const [base, dark, pale] = draw.pick(Object.values(furs)).map(hex) as [Color, Color, Color];
  const kind = draw.pick(Object.keys(patterns) as (keyof typeof patterns)[]);
  const pattern = patterns[kind](draw);
  const strand = draw.uniform(0, 90);
  const fur: Shader = (u, v, out) => {
    const [d, p] = pattern(u, v);
    // Fine strands along the growth of the fur, which runs outwards from the nose.
    const radius = length(u, v - 0.3) + 1e-6;
    const x = (u / radius) * 14;
    const y = ((v - 0.3) / radius) * 14;
    const shine = 0.86 + 0.28 * noise(x + radius * 1.5 + strand, y + radius * 1.5);
    for (let c = 0; c < 3; c++) {
      const ground = base[c]! + (dark[c]! - base[c]!) * d;
      out[c] = (ground + (pale[c]! - ground) * p) * shine;
    }
  };
  const earTone = mix(base, dark, draw.pick([0, 0.25, 0.6, 0.9]));
  const ear: Shader = (u, v, out) => {
    const shine = 0.9 + 0.2 * noise(u * 15 + 1.5 * noise(v * 3, 7) + strand, v * 4);
    for (let c = 0; c < 3; c++) out[c] = earTone[c]! * shine;
  };
  const paleMuzzle = kind === "mask" ? 0.15 : draw.pick([0.45, 0.8, 1]);
  return {
    base,
    dark,
    pale,
    muzzle: kind === "mask" ? mix(base, dark, 0.6) : mix(base, pale, paleMuzzle),
    nose: draw.pick([hex(0x2b2527), hex(0x3a2a28), hex(0x5b3a36), hex(0xb8686a)]),
    innerEar: mix(draw.pick([hex(0xe8a9a0), hex(0xd99a8c), hex(0xc98f86)]), base, 0.2),
    fur,
    ear,
  };
}
