import type { Scoring } from "./task.ts";

/**
 * Squared error in standard deviations of the training values; R², the part of the values' variance that the network accounts for, which
 * needs no unit and puts epochs in the order that the loss does. Where all values are the same it is 1 if they are met and else 0, as
 * scikit-learn has it.
 */
export const regression: Scoring = {
  loss: (logits, target) => (logits[0]! - target[0]!) ** 2,
  measure: {
    key: "r2",
    title: "R²",
    short: "R²",
    share: false,
    terms: ({ 0: logit }, { 0: target }) => [(logit! - target!) ** 2, target!, target! ** 2],
    from([errors, sum, squares], n) {
      const variation = squares! - sum! ** 2 / n;
      if (variation > 1e-12 * squares!) return 1 - errors! / variation;
      return errors === 0 ? 1 : 0;
    },
  },
  evaluatedBy: "evaluateValues",
};
