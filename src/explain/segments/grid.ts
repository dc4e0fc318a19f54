/**
 * About `count` rectangles of nearly one size, as square as may be: a segment's number for each pixel, `[H, W]`, row by row.
 */
export function gridSegments(height: number, width: number, count: number): Int32Array {
  const rows = Math.min(height, Math.max(1, Math.round(Math.sqrt((count * height) / width))));
  const columns = Math.min(width, Math.max(1, Math.round(count / rows)));
  const labels = new Int32Array(height * width);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      labels[y * width + x] = Math.floor((y * rows) / height) * columns + Math.floor((x * columns) / width);
  return labels;
}
