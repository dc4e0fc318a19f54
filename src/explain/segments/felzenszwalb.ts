import { blurMap } from "../../base/blur.ts";
import type { Tensor } from "../../base/tensor.ts";

export interface FelzenszwalbOptions {
  /** How readily segments grow, in levels: the larger, the larger they are. */
  readonly scale: number;
  /** Deviation of the Gaussian that the picture is blurred with first, in pixels. */
  readonly deviation: number;
  /** Pixels in a segment at least. */
  readonly least: number;
}

/**
 * Segments of a picture by its edges, Felzenszwalb and Huttenlocher 2004 (Efficient graph-based image segmentation, section 4): pixels and
 * their eight neighbours, joined from the most alike on while the difference is no more than within either segment, `Int(C) + scale /
 * |C|`; then those that are too small, each with its likest neighbour.
 * @param levels `[3, H, W]`, 0…255
 * @returns a segment's number for each pixel, `[H, W]`, from 0 in the order in which they appear
 */
export function felzenszwalb(
  levels: Tensor<"float32">,
  { scale, deviation, least }: FelzenszwalbOptions,
): Int32Array {
  const [, height, width] = levels.shape as [number, number, number];
  const { from, to, weight } = edgesOf(blurMap(levels, deviation));
  const order = Uint32Array.from(weight, (_, edge) => edge).sort((a, b) => weight[a]! - weight[b]! || a - b);
  const forest = forestOf(height * width);
  const threshold = new Float64Array(height * width).fill(scale);
  for (const edge of order) {
    const [a, b] = [forest.root(from[edge]!), forest.root(to[edge]!)];
    if (a === b || weight[edge]! > Math.min(threshold[a]!, threshold[b]!)) continue;
    const joined = forest.join(a, b);
    threshold[joined] = weight[edge]! + scale / forest.size(joined);
  }
  for (const edge of order) {
    const [a, b] = [forest.root(from[edge]!), forest.root(to[edge]!)];
    if (a !== b && Math.min(forest.size(a), forest.size(b)) < least) forest.join(a, b);
  }
  return forest.labels();
}

/** Each pixel with its neighbours to the right and below, and how far apart their colors are. */
function edgesOf(levels: Tensor<"float32">) {
  const [, height, width] = levels.shape as [number, number, number];
  const plane = height * width;
  const neighbours = [
    [0, 1],
    [1, 0],
    [1, 1],
    [1, -1],
  ] as const;
  const most = neighbours.length * plane;
  const [from, to, weight] = [new Uint32Array(most), new Uint32Array(most), new Float64Array(most)];
  let count = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (const [down, right] of neighbours) {
        if (y + down >= height || x + right >= width || x + right < 0) continue;
        const [a, b] = [y * width + x, (y + down) * width + x + right];
        let squares = 0;
        for (let color = 0; color < 3; color++)
          squares += (levels.data[color * plane + a]! - levels.data[color * plane + b]!) ** 2;
        [from[count], to[count], weight[count]] = [a, b, Math.sqrt(squares)];
        count++;
      }
  return {
    from: from.subarray(0, count),
    to: to.subarray(0, count),
    weight: weight.subarray(0, count),
  };
}

/** Disjoint sets, by union by size with halved paths. */
function forestOf(count: number) {
  const parents = Uint32Array.from({ length: count }, (_, at) => at);
  const sizes = new Uint32Array(count).fill(1);
  const root = (at: number): number => {
    let node = at;
    while (parents[node] !== node) {
      parents[node] = parents[parents[node]!]!;
      node = parents[node]!;
    }
    return node;
  };
  return {
    root,
    size: (of: number): number => sizes[of]!,
    /** Joins the sets of two roots; the root of both. */
    join(a: number, b: number): number {
      const [large, small] = sizes[a]! >= sizes[b]! ? [a, b] : [b, a];
      parents[small] = large;
      sizes[large]! += sizes[small]!;
      return large;
    },
    labels(): Int32Array {
      const numbers = new Map<number, number>();
      return Int32Array.from({ length: count }, (_, at) => {
        const set = root(at);
        const label = numbers.get(set) ?? numbers.size;
        numbers.set(set, label);
        return label;
      });
    },
  };
}
