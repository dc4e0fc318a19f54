import type { Schedule } from "./schedule.ts";

const FACTOR = 0.1;
const PATIENCE = 5;
/** What a loss must fall by to count as lower. */
const LEAST = 1e-4;

/**
 * A tenth of the rate whenever the validation loss has not fallen for five epochs: Keras's ReduceLROnPlateau with its factor and its
 * least fall, but half its patience, which 50 epochs have little room for.
 */
export const plateau: Schedule = {
  name: "plateau",
  summary: "to a tenth whenever the validation loss has not fallen for 5 epochs",
  rate(base, _part, losses) {
    let [rate, lowest, waited] = [base, Number.POSITIVE_INFINITY, 0];
    for (const loss of losses) {
      if (loss < lowest - LEAST) [lowest, waited] = [loss, 0];
      else if (++waited === PATIENCE) [rate, waited] = [rate * FACTOR, 0];
    }
    return rate;
  },
};
