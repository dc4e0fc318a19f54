import { rangeOf } from "../base/range.ts";
import type { Tensor } from "../base/tensor.ts";

/** Width of the border on each side, and of the corners, as parts of the picture's width and height. */
const BORDER = 0.1;
const CORNER = 0.25;

/** Part of the picture's area that is border, and that is its middle half in both directions. */
export const uniformBorder: number = 1 - (1 - 2 * BORDER) ** 2;
export const uniformCentre: number = (1 - 2 * CORNER) ** 2;

/** Where in a picture the evidence lies. Places are parts of its width and height, from the upper left. */
export interface EvidencePlace {
  /** Part of the evidence that lies in the picture's outer tenth, on each of its sides. */
  readonly border: number;
  /** Part that lies in the middle half of width and height. */
  readonly centre: number;
  /** The evidence's centre of mass. */
  readonly massX: number;
  readonly massY: number;
  /** Root of the mean square distance from there; 0.41 of a map that is the same everywhere. */
  readonly spread: number;
  /** Where the evidence is strongest: the middle of all places that are as strong as any. */
  readonly peakX: number;
  readonly peakY: number;
}

/**
 * Where what is above zero in a map `[h, w]` lies, each of its values standing for all of its cell; undefined where nothing is.
 */
export function placeOf({ shape, data }: Tensor<"float32">): EvidencePlace | undefined {
  const [height, width] = shape as [number, number];
  const [inX, inY] = [overlaps(width, BORDER), overlaps(height, BORDER)];
  const [midX, midY] = [overlaps(width, CORNER), overlaps(height, CORNER)];
  let [total, inside, centre, massX, massY, square] = [0, 0, 0, 0, 0, 0];
  for (const [at, value] of data.entries()) {
    if (!(value > 0)) continue;
    const [row, column] = [Math.floor(at / width), at % width];
    const [x, y] = [(column + 0.5) / width, (row + 0.5) / height];
    total += value;
    inside += value * inX[column]! * inY[row]!;
    centre += value * midX[column]! * midY[row]!;
    massX += value * x;
    massY += value * y;
    square += value * (x * x + y * y);
  }
  if (total === 0) return undefined;
  const [meanX, meanY] = [massX / total, massY / total];
  return {
    border: Math.max(0, 1 - inside / total),
    centre: centre / total,
    massX: meanX,
    massY: meanY,
    spread: Math.sqrt(Math.max(0, square / total - meanX ** 2 - meanY ** 2)),
    ...peakOf(data, [height, width]),
  };
}

function peakOf(data: Float32Array, [height, width]: readonly [number, number]): Peak {
  const [, most] = rangeOf(data);
  let [ties, peakX, peakY] = [0, 0, 0];
  for (const [at, value] of data.entries())
    if (value === most) {
      ties++;
      peakX += drawnAt(at % width, width);
      peakY += drawnAt(Math.floor(at / width), height);
    }
  return { peakX: peakX / ties, peakY: peakY / ties };
}

/** Of each cell along a side the part that lies further than `margin` from both ends. */
function overlaps(cells: number, margin: number): Float64Array {
  return Float64Array.from({ length: cells }, (_, at) => {
    const [from, to] = [Math.max(at / cells, margin), Math.min((at + 1) / cells, 1 - margin)];
    return Math.max(0, to - from) * cells;
  });
}

/**
 * The middle of where a cell is drawn as strong as it is: its own, but for the first and the last, which an enlarged map goes on with
 * to the picture's edge.
 */
function drawnAt(cell: number, cells: number): number {
  if (cells === 1) return 0.5;
  if (cell === 0) return 0.25 / cells;
  return cell === cells - 1 ? 1 - 0.25 / cells : (cell + 0.5) / cells;
}

/** Nine parts of a picture, as people name them, in reading order: corners, sides and the middle. */
export const regions = [
  "the upper left corner",
  "the upper edge",
  "the upper right corner",
  "the left edge",
  "the middle",
  "the right edge",
  "the lower left corner",
  "the lower edge",
  "the lower right corner",
] as const;

export const corners: readonly number[] = [0, 2, 6, 8];

type Peak = Pick<EvidencePlace, "peakX" | "peakY">;

/** In which of the nine a peak lies. */
export const regionOf = ({ peakX, peakY }: Peak): number => 3 * third(peakY) + third(peakX);

const third = (at: number): number => (at < CORNER ? 0 : at > 1 - CORNER ? 2 : 1);

export const atBorder = ({ peakX, peakY }: Peak): boolean =>
  [peakX, peakY].some((at) => at < BORDER || at > 1 - BORDER);

/** How often peaks would lie at the border, and in each region, if every cell of a map `[h, w]` were as likely. */
export function peaksByChance([height, width]: readonly [number, number]): {
  readonly border: number;
  readonly regions: readonly number[];
} {
  const shares = new Array<number>(regions.length).fill(0);
  let border = 0;
  for (let at = 0; at < height * width; at++) {
    const peak = { peakX: drawnAt(at % width, width), peakY: drawnAt(Math.floor(at / width), height) };
    shares[regionOf(peak)]! += 1 / (height * width);
    if (atBorder(peak)) border += 1 / (height * width);
  }
  return { border, regions: shares };
}
