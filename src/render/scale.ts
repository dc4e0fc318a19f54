import { type Picture, picture } from "../base/picture.ts";

/** Every pixel as a square of `factor` × `factor` pixels. */
export function enlarge(source: Picture, factor: number): Picture {
  const result = picture(source.width * factor, source.height * factor);
  let out = 0;
  for (let y = 0; y < result.height; y++)
    for (let x = 0; x < result.width; x++, out += 3) {
      const from = 3 * (Math.floor(y / factor) * source.width + Math.floor(x / factor));
      for (let c = 0; c < 3; c++) result.data[out + c] = source.data[from + c]!;
    }
  return result;
}

/**
 * The picture made to fit into `width` × `height` by averaging areas, its proportions kept; returned as it is when it
 * fits already. Keeps figures of large photos small.
 */
export function shrinkToFit(source: Picture, width: number, height: number): Picture {
  const ratio = Math.min(width / source.width, height / source.height);
  if (ratio >= 1) return source;
  const columns = Math.max(1, Math.round(source.width * ratio));
  const rows = Math.max(1, Math.round(source.height * ratio));
  const narrow = averageRows(transpose(averageRows(source, rows)), columns);
  return transpose(narrow);
}

/** Each of the new rows is the mean of the old rows it covers, weighted by the part covered. */
function averageRows(source: Picture, rows: number): Picture {
  const result = picture(source.width, rows);
  const stride = 3 * source.width;
  const step = source.height / rows;
  const sums = new Float64Array(stride);
  for (let row = 0; row < rows; row++) {
    sums.fill(0);
    const [start, end] = [row * step, Math.min(source.height, (row + 1) * step)];
    for (let y = Math.floor(start); y < end; y++) {
      const weight = (Math.min(end, y + 1) - Math.max(start, y)) / (end - start);
      for (let i = 0; i < stride; i++) sums[i]! += weight * source.data[y * stride + i]!;
    }
    for (let i = 0; i < stride; i++) result.data[row * stride + i] = Math.round(sums[i]!);
  }
  return result;
}

function transpose(source: Picture): Picture {
  const result = picture(source.height, source.width);
  for (let y = 0; y < source.height; y++)
    for (let x = 0; x < source.width; x++)
      for (let c = 0; c < 3; c++)
        result.data[3 * (x * source.height + y) + c] = source.data[3 * (y * source.width + x) + c]!;
  return result;
}
