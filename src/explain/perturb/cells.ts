/** A mask of `grid` × `grid` values, each at all pixels of its cell. */
export function writeCells(
  values: ArrayLike<number>,
  { grid, height, width }: { readonly grid: number; readonly height: number; readonly width: number },
  mask: Float32Array,
): void {
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * grid) / height) * grid;
    for (let x = 0; x < width; x++) mask[y * width + x] = values[row + Math.floor((x * grid) / width)]!;
  }
}
