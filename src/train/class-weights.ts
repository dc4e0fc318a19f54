import { listNames, UserError } from "../base/errors.ts";
import type { Dataset } from "../data/dataset.ts";
import { taskOf } from "../model/tasks/index.ts";

/** How much the pictures of each class count: in such a way that all classes count alike, or as it is said by name, 1 where it is not. */
export type ClassWeights = "balanced" | Readonly<Record<string, number>>;

/**
 * A weight for each of the data set's classes. Balanced they are `n / (K · n of the class)` (King and Zeng 2001), the mean over all training
 * pictures being 1.
 * @throws UserError when a class is named that there is not, or pictures are not of one class each
 */
export function classWeightsOf(dataset: Dataset, weights: ClassWeights): readonly number[] {
  const { classes, splits } = dataset;
  const { name, summary } = taskOf(dataset);
  if (name !== "single-label")
    throw new UserError(
      `Classes are weighed where a picture is of one of them; what is learnt here is ${summary} (${name}), so leave class weights out.`,
    );
  if (weights === "balanced") {
    const counts = classes.map((_, index) => splits.train.filter(({ label }) => label === index).length);
    return counts.map((count) => (count === 0 ? 1 : splits.train.length / (classes.length * count)));
  }
  const unknown = Object.keys(weights).find((name) => !classes.includes(name));
  if (unknown !== undefined)
    throw new UserError(
      `There is no class "${unknown}" to weigh in ${dataset.source}; its classes are ${listNames(classes)}.`,
    );
  return classes.map((name) => weights[name] ?? 1);
}
