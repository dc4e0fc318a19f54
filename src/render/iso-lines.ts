import type { Tensor } from "../base/tensor.ts";

/** In a field's pixels: the value of row `r` and column `c` stands at (`c + 0.5`, `r + 0.5`). */
export type Point = readonly [x: number, y: number];
export type Segment = readonly [from: Point, to: Point];

/** Of a square, clockwise; each side goes from one to the next. */
const corners: readonly Point[] = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];

/**
 * The lines along which a field `[H, W]` has a level, by marching squares (Lorensen and Cline 1987, in the plane): between four neighbouring
 * values a side is crossed if one of its ends is above the level and the other is not, at the place that linear interpolation gives. Where
 * two opposite corners are above, the mean of all four says whether they are one area. Lines are open where they leave the field.
 */
export function isoLines({ shape, data }: Tensor<"float32">, level: number): Segment[] {
  const [height = 0, width = 0] = shape;
  const segments: Segment[] = [];
  for (let y = 0; y + 1 < height; y++)
    for (let x = 0; x + 1 < width; x++) {
      const values = corners.map(([dx, dy]) => data[(y + dy) * width + x + dx]!);
      const crossings = corners.flatMap(([dx, dy], side): Point[] => {
        const [here, there] = [values[side]!, values[(side + 1) % 4]!];
        if (here > level === there > level) return [];
        const [nextX, nextY] = corners[(side + 1) % 4]!;
        const share = (level - here) / (there - here);
        return [[x + 0.5 + dx + share * (nextX - dx), y + 0.5 + dy + share * (nextY - dy)]];
      });
      const mean = values.reduce((sum, value) => sum + value, 0) / 4;
      // Four crossings in order cut off the second corner and the fourth; turned by one, the first and the third.
      if (crossings.length === 4 && mean > level !== values[0]! > level) crossings.push(crossings.shift()!);
      for (let i = 0; i < crossings.length; i += 2) segments.push([crossings[i]!, crossings[i + 1]!]);
    }
  return segments;
}
