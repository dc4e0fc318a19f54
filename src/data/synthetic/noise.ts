import { random } from "../../base/random.ts";

const side = 128;
const lattice: Float32Array = table();

function table(): Float32Array {
  const { next } = random(0, "noise lattice");
  return Float32Array.from({ length: side * side }, next);
}

/** Value noise: smooth, 0 to 1, one wave per unit, repeats after 128 units. */
export function noise(x: number, y: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  let u = x - x0;
  let v = y - y0;
  u = u * u * (3 - 2 * u);
  v = v * v * (3 - 2 * v);
  const left = x0 & (side - 1);
  const right = (x0 + 1) & (side - 1);
  const row = (y0 & (side - 1)) * side;
  const below = ((y0 + 1) & (side - 1)) * side;
  const a = lattice[row + left]!;
  const b = lattice[row + right]!;
  const c = lattice[below + left]!;
  const d = lattice[below + right]!;
  return a + (b - a) * u + (c - a + (a - b - c + d) * u) * v;
}

/** Three octaves of {@link noise}: clouds, plaster, patches; 0 to 1. */
export function clouds(x: number, y: number): number {
  return (noise(x, y) * 4 + noise(x * 2 + 17, y * 2 + 5) * 2 + noise(x * 4 + 3, y * 4 + 29)) / 7;
}

/** One fixed random number per lattice point, 0 to 1: grain, jitter. */
export function speck(x: number, y: number): number {
  return lattice[(y & (side - 1)) * side + (x & (side - 1))]!;
}
