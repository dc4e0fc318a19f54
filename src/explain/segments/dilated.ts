/**
 * The pixels of each segment, and those within `radius` of one, in no order.
 * @param labels a segment's number for each pixel, `[H, W]`, from 0
 */
export function dilatedSegments(labels: Int32Array, width: number, radius: number): Uint32Array[] {
  const height = labels.length / width;
  const disk = offsets(radius);
  const segments = labels.reduce((most, label) => Math.max(most, label + 1), 0);
  const pixels = Array.from({ length: segments }, (): number[] => []);
  for (const [pixel, label] of labels.entries()) pixels[label]!.push(pixel);
  const stamps = new Int32Array(labels.length).fill(-1);
  return pixels.map((own, label) => {
    const found = [...own];
    for (const pixel of own) {
      const [y, x] = [Math.floor(pixel / width), pixel % width];
      if (inside(labels, width, pixel)) continue;
      for (const [down, right] of disk) {
        const [v, u] = [y + down, x + right];
        const other = v * width + u;
        if (v < 0 || v >= height || u < 0 || u >= width) continue;
        if (labels[other] === label || stamps[other] === label) continue;
        stamps[other] = label;
        found.push(other);
      }
    }
    return Uint32Array.from(found);
  });
}

/** Whether all four neighbours are of the pixel's own segment, so that what is near it is near another of them. */
function inside(labels: Int32Array, width: number, pixel: number): boolean {
  const label = labels[pixel];
  const x = pixel % width;
  const same = (other: number): boolean => (labels[other] ?? label) === label;
  return (
    same(pixel - width) &&
    same(pixel + width) &&
    (x === 0 || same(pixel - 1)) &&
    (x === width - 1 || same(pixel + 1))
  );
}

function offsets(radius: number): (readonly [down: number, right: number])[] {
  const found: [number, number][] = [];
  for (let down = -radius; down <= radius; down++)
    for (let right = -radius; right <= radius; right++)
      if (down * down + right * right <= radius * radius) found.push([down, right]);
  return found;
}
