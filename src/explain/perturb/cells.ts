/** A picture laid out in `grid` × `grid` cells. */
export interface Cells {
  readonly grid: number;
  readonly height: number;
  readonly width: number;
}

/** A mask `[H, W]` that has each cell's value at all of its pixels. */
export function writeCells(values: ArrayLike<number>, cells: Cells, mask: Float32Array): void {
  const { rows, columns } = placesOf(cells);
  const { height, width } = cells;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) mask[y * width + x] = values[rows[y]! + columns[x]!]!;
}

/** Of planes `[…, H, W]` the sum over each cell of all. */
export function cellSums(planes: Float32Array, cells: Cells): Float64Array {
  const { rows, columns } = placesOf(cells);
  const { grid, height, width } = cells;
  const sums = new Float64Array(grid ** 2);
  for (let start = 0; start < planes.length; start += height * width)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) sums[rows[y]! + columns[x]!]! += planes[start + y * width + x]!;
  return sums;
}

/** Where the cells of a row of pixels begin, and which of them a column is in. */
function placesOf({ grid, height, width }: Cells) {
  const along = (extent: number, step: number): Int32Array =>
    Int32Array.from({ length: extent }, (_, at) => Math.floor((at * grid) / extent) * step);
  return { rows: along(height, grid), columns: along(width, 1) };
}
