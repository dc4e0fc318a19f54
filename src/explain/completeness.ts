import { asTheyAre, scores } from "./questions.ts";
import type { Subject } from "./subject.ts";

/** What attributions that ought to add up to a difference of scores miss of it, for each picture. */
export type Completeness = Readonly<Record<"completeness" | "scoreAtBaseline", readonly number[]>>;

/**
 * `Σ values − (score − scoreAtBaseline)` of each picture.
 * @param values N rows of attributions
 * @param scoreAtBaseline of each picture; the mean of several baselines' scores where there are such
 */
export async function completeness(
  subject: Pick<Subject, "ask" | "inputs">,
  values: Float32Array,
  scoreAtBaseline: ArrayLike<number>,
): Promise<Completeness> {
  const found = await scores(subject, asTheyAre(subject));
  const size = values.length / found.length;
  const deltas = Array.from(found, (score, picture) => {
    const row = values.subarray(picture * size, (picture + 1) * size);
    return row.reduce((sum, value) => sum + value, 0) - (score - scoreAtBaseline[picture]!);
  });
  return { completeness: deltas, scoreAtBaseline: Array.from(scoreAtBaseline) };
}
