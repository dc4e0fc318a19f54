import type { Tensor } from "../../base/tensor.ts";

/** Rows of XYZ over those of the white D65, from linear sRGB (IEC 61966-2-1). */
const XYZ = [
  [0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339 / 1.08883, 0.119192 / 1.08883, 0.9503041 / 1.08883],
] as const;

/** CIE L*a*b* of sRGB levels `[3, H, W]`, 0…255, plane by plane: colors as far apart as they look. */
export function labOf({ data }: Tensor<"float32">): Float32Array {
  const plane = data.length / 3;
  const lab = new Float32Array(data.length);
  for (let i = 0; i < plane; i++) {
    const [red, green, blue] = [0, 1, 2].map((color) => linear(data[color * plane + i]! / 255));
    const [x, y, z] = XYZ.map((row) => response(row[0] * red! + row[1] * green! + row[2] * blue!));
    lab[i] = 116 * y! - 16;
    lab[plane + i] = 500 * (x! - y!);
    lab[2 * plane + i] = 200 * (y! - z!);
  }
  return lab;
}

function linear(level: number): number {
  return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
}

function response(share: number): number {
  return share > (6 / 29) ** 3 ? Math.cbrt(share) : share / (3 * (6 / 29) ** 2) + 4 / 29;
}
