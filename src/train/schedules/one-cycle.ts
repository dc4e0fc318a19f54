import { halfCosine } from "../half-cosine.ts";
import type { Schedule } from "./schedule.ts";

/** What the rate rises to, as a multiple of the one that it begins with. */
const PEAK = 5;
/** Part of all steps after which it is there. */
const RISE = 0.3;

/**
 * Up and down once (Smith and Topin 2018): from the learning rate to five times it over the first 30% of the steps, then
 * down to nothing, each along half a cosine. Large steps in the middle get far, small ones at the end settle. Shapes and
 * parts are those of PyTorch's `OneCycleLR`; the paper's falling momentum is left out, as RMSprop here has none. A run that is
 * resumed for more epochs goes on in the longer cycle.
 */
export const oneCycle: Schedule = {
  name: "one-cycle",
  summary: "five times up and down to 0",
  rate(base, part) {
    const peak = PEAK * base;
    return part < RISE
      ? halfCosine(base, peak, part / RISE)
      : halfCosine(peak, 0, (part - RISE) / (1 - RISE));
  },
};
