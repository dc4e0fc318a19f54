import type { Picture } from "../base/picture.ts";

/**
 * A picture as `side` × `side` grey levels, 0 to 255, each the mean of its share of the pixels, squashed whatever the aspect. For
 * telling pictures apart, not for looking at: cheaper by far than a filter that weighs pixels, and not as smooth.
 */
export function thumbnail({ width, height, data }: Picture, side: number): Float64Array {
  const levels = new Float64Array(side * side);
  const columns = edges(width, side);
  const rows = edges(height, side);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const { from: left, to: right } = columns[column]!;
      const { from: top, to: bottom } = rows[row]!;
      let sum = 0;
      for (let y = top; y < bottom; y++)
        for (let at = 3 * (y * width + left); at < 3 * (y * width + right); at += 3)
          sum += 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
      levels[row * side + column] = sum / ((right - left) * (bottom - top));
    }
  return levels;
}

/** Which pixels of `length` each of `side` parts takes: one at least, so that small pictures are repeated. */
function edges(length: number, side: number): { from: number; to: number }[] {
  return Array.from({ length: side }, (_, i) => {
    const from = Math.floor((i * length) / side);
    return { from, to: Math.max(from + 1, Math.floor(((i + 1) * length) / side)) };
  });
}
