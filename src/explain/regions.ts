/**
 * Regions taken one after the other, each time the one whose pixels that are not yet covered have the highest mean attribution; these all get
 * that mean, and what no region covers the mean of what is left. So the map adds up to what the attributions do.
 * @param attribution one number a pixel
 * @param regions the pixels of each; they may overlap
 * @param least uncovered pixels that a region must have to be taken
 */
export function rankedRegions(
  attribution: Float32Array,
  regions: readonly Uint32Array[],
  least: number,
): Float32Array {
  const size = attribution.length;
  const { starts, members } = regionsByPixel(regions, size);
  // Of each region's pixels that are not yet covered.
  const counts = regions.map((pixels) => pixels.length);
  const sums = regions.map((pixels) => pixels.reduce((sum, pixel) => sum + attribution[pixel]!, 0));
  const map = new Float32Array(size);
  const covered = new Uint8Array(size);
  const cover = (pixel: number, value: number): void => {
    if (covered[pixel]) return;
    covered[pixel] = 1;
    map[pixel] = value;
    for (let at = starts[pixel]!; at < starts[pixel + 1]!; at++) {
      counts[members[at]!]!--;
      sums[members[at]!]! -= attribution[pixel]!;
    }
  };
  for (;;) {
    let [best, most] = [-1, Number.NEGATIVE_INFINITY];
    for (const [region, count] of counts.entries())
      if (count >= least && sums[region]! / count > most) [best, most] = [region, sums[region]! / count];
    if (best < 0) break;
    for (const pixel of regions[best]!) cover(pixel, most);
  }
  let [left, sum] = [0, 0];
  for (const [pixel, value] of attribution.entries())
    if (!covered[pixel]) [left, sum] = [left + 1, sum + value];
  for (let pixel = 0; pixel < size; pixel++) if (!covered[pixel]) map[pixel] = sum / left;
  return map;
}

/** The regions that hold each pixel: of pixel p those at `starts[p] … starts[p + 1]`. */
function regionsByPixel(regions: readonly Uint32Array[], size: number) {
  const starts = new Uint32Array(size + 1);
  for (const pixels of regions) for (const pixel of pixels) starts[pixel + 1]!++;
  for (let pixel = 0; pixel < size; pixel++) starts[pixel + 1]! += starts[pixel]!;
  const members = new Uint32Array(starts[size]!);
  const next = starts.slice();
  for (const [region, pixels] of regions.entries())
    for (const pixel of pixels) members[next[pixel]!++] = region;
  return { starts, members };
}
