import { type Dataset, type Sample, splitNames } from "./dataset.ts";
import { count, type Splits } from "./splits.ts";
import { dataTasks } from "./tasks/index.ts";

/**
 * The data without its broken pictures, which are named in the remarks.
 * @param reasonOf why a picture is broken, one sentence; undefined of one that is whole
 * @throws UserError when a class has no picture left
 */
export function withoutBroken(dataset: Dataset, reasonOf: (sample: Sample) => string | undefined): Dataset {
  const { source, task = "single-label", classes, splits: all, remarks } = dataset;
  const whole = splitNames.map((name) => [
    name,
    all[name].filter((sample) => reasonOf(sample) === undefined),
  ]);
  const splits = Object.fromEntries(whole) as Splits;
  const reasons = splitNames.flatMap((name) => all[name].flatMap((sample) => reasonOf(sample) ?? []));
  const missing = dataTasks[task].check(source, classes, splits, reasons);
  const skipped =
    reasons.length > 0 ? [`${count(reasons.length, "broken picture")} skipped`, ...reasons] : [];
  return { ...dataset, splits, remarks: [...new Set([...remarks, ...skipped, ...missing])] };
}
