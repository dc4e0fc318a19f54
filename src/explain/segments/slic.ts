import type { Tensor } from "../../base/tensor.ts";
import { labOf } from "./lab.ts";

/** Weight of nearness against color; pixels a segment's extent apart weigh as much as this difference in Lab. */
const COMPACTNESS = 10;
const ITERATIONS = 10;

/**
 * Superpixels, Achanta et al. 2012 (SLIC superpixels compared to state-of-the-art, algorithm 1): k-means over color in Lab and place, each
 * centre looking no further than its neighbours; pieces of less than a quarter of the extent that a segment should have join the segment
 * before them.
 * @param levels `[3, H, W]`, 0…255
 * @param count of segments, about
 * @returns a segment's number for each pixel, `[H, W]`, from 0; all are connected
 */
export function slic(levels: Tensor<"float32">, count: number): Int32Array {
  const [, height, width] = levels.shape as [number, number, number];
  const plane = height * width;
  const lab = labOf(levels);
  const step = Math.max(1, Math.sqrt(plane / count));
  const centres = startingCentres(lab, height, width, step);
  const labels = new Int32Array(plane);
  const nearest = new Float64Array(plane);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    nearest.fill(Number.POSITIVE_INFINITY);
    centres.forEach(([l, a, b, cy, cx], label) => {
      const right = Math.min(width - 1, Math.floor(cx + step));
      const bottom = Math.min(height - 1, Math.floor(cy + step));
      for (let y = Math.max(0, Math.ceil(cy - step)); y <= bottom; y++)
        for (let x = Math.max(0, Math.ceil(cx - step)); x <= right; x++) {
          const i = y * width + x;
          const color = (lab[i]! - l) ** 2 + (lab[plane + i]! - a) ** 2 + (lab[2 * plane + i]! - b) ** 2;
          const place = ((y - cy) ** 2 + (x - cx) ** 2) * (COMPACTNESS / step) ** 2;
          if (color + place >= nearest[i]!) continue;
          nearest[i] = color + place;
          labels[i] = label;
        }
    });
    moveCentres(centres, lab, labels, width);
  }
  return connected(labels, width, (step * step) / 4);
}

/** Lab, row and column. */
type Centre = [l: number, a: number, b: number, y: number, x: number];

/** A grid, each moved to where the picture changes least among nine pixels, so that none begins on an edge. */
function startingCentres(lab: Float32Array, height: number, width: number, step: number): Centre[] {
  const plane = height * width;
  const change = (y: number, x: number): number => {
    let squares = 0;
    for (let channel = 0; channel < 3; channel++) {
      const at = (row: number, column: number): number => lab[channel * plane + row * width + column]!;
      squares += (at(y, x + 1) - at(y, x - 1)) ** 2 + (at(y + 1, x) - at(y - 1, x)) ** 2;
    }
    return squares;
  };
  const rows = Math.max(1, Math.round(height / step));
  const columns = Math.max(1, Math.round(width / step));
  const centres: Centre[] = [];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const y = Math.floor(((row + 0.5) * height) / rows);
      const x = Math.floor(((column + 0.5) * width) / columns);
      let [bestY, bestX, least] = [y, x, Number.POSITIVE_INFINITY];
      for (let v = Math.max(1, y - 1); v <= Math.min(height - 2, y + 1); v++)
        for (let u = Math.max(1, x - 1); u <= Math.min(width - 2, x + 1); u++)
          if (change(v, u) < least) [bestY, bestX, least] = [v, u, change(v, u)];
      const i = bestY * width + bestX;
      centres.push([lab[i]!, lab[plane + i]!, lab[2 * plane + i]!, bestY, bestX]);
    }
  return centres;
}

/** Each to the mean of its pixels; one that has none stays. */
function moveCentres(centres: Centre[], lab: Float32Array, labels: Int32Array, width: number): void {
  const plane = labels.length;
  const sums = centres.map((): number[] => [0, 0, 0, 0, 0]);
  const counts = new Uint32Array(centres.length);
  for (let i = 0; i < plane; i++) {
    const sum = sums[labels[i]!]!;
    counts[labels[i]!]!++;
    sum[0]! += lab[i]!;
    sum[1]! += lab[plane + i]!;
    sum[2]! += lab[2 * plane + i]!;
    sum[3]! += Math.floor(i / width);
    sum[4]! += i % width;
  }
  sums.forEach((sum, label) => {
    if (counts[label]) centres[label] = sum.map((value) => value / counts[label]!) as Centre;
  });
}

/** Pieces that hang together, numbered anew; one of fewer than `least` pixels joins the piece that its first pixel touches. */
function connected(labels: Int32Array, width: number, least: number): Int32Array {
  const pieces = new Int32Array(labels.length).fill(-1);
  const neighbours = (i: number): number[] => [
    ...(i % width > 0 ? [i - 1] : []),
    ...(i >= width ? [i - width] : []),
    ...(i % width < width - 1 ? [i + 1] : []),
    ...(i + width < labels.length ? [i + width] : []),
  ];
  let count = 0;
  for (let start = 0; start < labels.length; start++) {
    if (pieces[start]! >= 0) continue;
    const before = neighbours(start).find((i) => pieces[i]! >= 0);
    const piece = [start];
    pieces[start] = count;
    for (const i of piece)
      for (const next of neighbours(i))
        if (pieces[next]! < 0 && labels[next] === labels[start]) {
          pieces[next] = count;
          piece.push(next);
        }
    if (piece.length >= least || before === undefined) count++;
    else for (const i of piece) pieces[i] = pieces[before]!;
  }
  return pieces;
}
