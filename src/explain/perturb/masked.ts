import { float32, sizeOf, type Tensor } from "../../base/tensor.ts";
import { baselineOf } from "../baseline.ts";
import type { Attribution } from "../method.ts";
import type { Baseline } from "../option.ts";
import { scores } from "../questions.ts";
import type { Rows, Subject } from "../subject.ts";

/** A picture under masks `[H, W]`: of each pixel the share that is shown, 0…1; the rest is the baseline's. */
export interface MaskedPicture {
  readonly height: number;
  readonly width: number;
  /** What the network takes, `[C, H, W]`. */
  readonly input: Tensor<"float32">;
  /** In the same shape. */
  readonly baseline: Float32Array;
  /** The picture under each of `count` masks. `write` sets every pixel of a row's mask. */
  rows(count: number, write: WriteMask): Rows;
  /** The target's score under each mask. */
  scores(count: number, write: WriteMask): Promise<Float32Array>;
}

export type WriteMask = (row: number, mask: Float32Array) => void;

export interface MaskedAttribution {
  /** `[h, w]`, the same for all pictures. */
  readonly map: Tensor<"float32">;
  readonly checks?: Readonly<Record<string, number>>;
}

/** Explains picture by picture by what becomes of the score under masks. */
export async function explainMasked(
  subject: Subject,
  baseline: Baseline,
  explainOne: (picture: MaskedPicture) => Promise<MaskedAttribution>,
): Promise<Attribution> {
  const baselines = baselineOf(subject, baseline);
  const found: MaskedAttribution[] = [];
  for (let picture = 0; picture < subject.inputs.shape[0]!; picture++)
    found.push(await explainOne(maskedPicture(subject, baselines, picture)));
  const { shape } = found[0]!.map;
  const values = new Float32Array(found.length * sizeOf(shape));
  for (const [picture, { map }] of found.entries()) values.set(map.data, picture * map.data.length);
  const names = Object.keys(found[0]!.checks ?? {});
  const checks = names.map((name) => [name, found.map((one) => one.checks![name]!)]);
  return { values: float32([found.length, ...shape], values), checks: Object.fromEntries(checks) };
}

function maskedPicture(subject: Subject, baselines: Tensor<"float32">, picture: number): MaskedPicture {
  const [, channels, height, width] = subject.inputs.shape as [number, number, number, number];
  const plane = height * width;
  const size = channels * plane;
  const input = subject.inputs.data.subarray(picture * size, (picture + 1) * size);
  const baseline = baselines.data.subarray(picture * size, (picture + 1) * size);
  const mask = new Float32Array(plane);
  const rows = (count: number, write: WriteMask): Rows => ({
    count,
    picture: () => picture,
    write(row, { input: into }) {
      write(row, mask);
      for (let start = 0; start < size; start += plane)
        for (let i = 0; i < plane; i++) {
          const share = mask[i]!;
          into![start + i] = share * input[start + i]! + (1 - share) * baseline[start + i]!;
        }
    },
  });
  return {
    height,
    width,
    input: float32([channels, height, width], input),
    baseline,
    rows,
    scores: (count, write) => scores(subject, rows(count, write)),
  };
}
