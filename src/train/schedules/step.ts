import type { Schedule } from "./schedule.ts";

/**
 * A tenth of the rate after half of the steps, and of that after three quarters, as residual networks were first trained
 * (He et al. 2016, 4.2).
 */
export const step: Schedule = {
  name: "step",
  summary: "to a tenth after half of the steps, and again after three quarters",
  rate: (base, part) => base * (part < 0.5 ? 1 : part < 0.75 ? 0.1 : 0.01),
};
