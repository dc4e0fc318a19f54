import { UserError } from "../../base/errors.ts";
import { float32, type Tensor } from "../../base/tensor.ts";
import type { InputSpec } from "../../model/model.ts";
import type { Attribution, Options } from "../method.ts";
import { gridSegments } from "../segments/grid.ts";
import { levelsOf } from "../segments/levels.ts";
import { slic } from "../segments/slic.ts";
import type { Subject } from "../subject.ts";
import { explainMasked } from "./masked.ts";

/** Which segments of a picture are shown, 1, and which hidden, 0. */
export type Coalition = ArrayLike<number>;

/** A picture that is shown segment by segment. */
export interface SegmentedPicture {
  /** How many there are. */
  readonly count: number;
  /** The target's score with each of these shown. */
  scores(coalitions: {
    readonly length: number;
    at(row: number): Coalition | undefined;
  }): Promise<Float32Array>;
}

/** Explains picture by picture by a number for each segment, which its map has at all pixels of that segment. */
export function explainSegments(
  subject: Subject,
  { baseline, ...which }: Options<"baseline" | "mask" | "segments">,
  explainOne: (
    picture: SegmentedPicture,
  ) => Promise<{ readonly values: ArrayLike<number>; readonly checks?: Readonly<Record<string, number>> }>,
): Promise<Attribution> {
  return explainMasked(subject, baseline, async ({ height, width, input, scores }) => {
    const labels = labelsOf(subject.model.input, input, which);
    const count = labels.reduce((most, label) => Math.max(most, label), 0) + 1;
    const { values, ...rest } = await explainOne({
      count,
      scores: (coalitions) =>
        scores(coalitions.length, (row, mask) => {
          const shown = coalitions.at(row)!;
          for (let i = 0; i < mask.length; i++) mask[i] = shown[labels[i]!]!;
        }),
    });
    const map = Float32Array.from(labels, (label) => values[label]!);
    return { map: float32([height, width], map), ...rest };
  });
}

/** A segment's number for each pixel, from 0 without a gap. */
function labelsOf(
  spec: InputSpec,
  input: Tensor<"float32">,
  { mask, segments }: Options<"mask" | "segments">,
): Int32Array {
  const [, height, width] = input.shape as [number, number, number];
  if (mask === "grid") return gridSegments(height, width, segments);
  if (mask === "slic") return slic(levelsOf(spec, input), segments);
  if (mask.shape.join() !== `${height},${width}`)
    throw new UserError(
      `A mask [${mask.shape.join(", ")}] does not fit the network, which takes pictures of [${height}, ${width}].`,
    );
  const numbers = new Map<number | bigint, number>();
  return Int32Array.from(mask.data as Iterable<number | bigint>, (segment) => {
    const label = numbers.get(segment) ?? numbers.size;
    numbers.set(segment, label);
    return label;
  });
}
