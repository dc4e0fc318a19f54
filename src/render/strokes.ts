import type { Size } from "../base/picture.ts";
import type { Segment } from "./iso-lines.ts";

/** How much of each pixel lines of a width cover, 0…1, by distance; their ends are round, and where they meet nothing counts twice. */
export function strokes(
  segments: readonly Segment[],
  lineWidth: number,
  { width, height }: Size,
): Float32Array {
  const covered = new Float32Array(width * height);
  const reach = lineWidth / 2 + 0.5;
  const span = (a: number, b: number, size: number): [number, number] => [
    Math.max(0, Math.floor(Math.min(a, b) - reach)),
    Math.min(size, Math.ceil(Math.max(a, b) + reach)),
  ];
  for (const [[x1, y1], [x2, y2]] of segments) {
    const [left, right] = span(x1, x2, width);
    const [top, bottom] = span(y1, y2, height);
    const squared = (x2 - x1) ** 2 + (y2 - y1) ** 2 || 1;
    for (let y = top; y < bottom; y++)
      for (let x = left; x < right; x++) {
        const [dx, dy] = [x + 0.5 - x1, y + 0.5 - y1];
        const along = Math.max(0, Math.min(1, (dx * (x2 - x1) + dy * (y2 - y1)) / squared));
        const distance = Math.hypot(dx - along * (x2 - x1), dy - along * (y2 - y1));
        const pixel = y * width + x;
        covered[pixel] = Math.max(covered[pixel]!, Math.min(1, reach - distance));
      }
  }
  return covered;
}
