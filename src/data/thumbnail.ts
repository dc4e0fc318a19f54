import type { Picture } from "../base/picture.ts";

/**
 * A picture as `side` × `side` grey levels, 0 to 255, each the mean of its share of the pixels, squashed whatever the aspect. For
 * telling pictures apart, not for looking at: a third of the time that a filter takes which weighs pixels, and not as smooth.
 */
export function thumbnail({ width, height, data }: Picture, side: number): Float64Array {
  const levels = new Float64Array(side * side);
  const columns = shares(width, side);
  const rows = shares(height, side);
  for (const [row, [top, bottom]] of rows.entries())
    for (const [column, [left, right]] of columns.entries()) {
      let sum = 0;
      for (let y = top; y < bottom; y++)
        for (let at = 3 * (y * width + left); at < 3 * (y * width + right); at += 3)
          sum += 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
      levels[row * side + column] = sum / ((right - left) * (bottom - top));
    }
  return levels;
}

/** The pixels of `length`, from and to, that each of `side` parts takes: one at least, so small pictures repeat theirs. */
function shares(length: number, side: number): (readonly [from: number, to: number])[] {
  return Array.from({ length: side }, (_, i) => {
    const from = Math.floor((i * length) / side);
    return [from, Math.max(from + 1, Math.floor(((i + 1) * length) / side))];
  });
}
