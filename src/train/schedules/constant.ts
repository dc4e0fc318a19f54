import type { Schedule } from "./schedule.ts";

/** The same rate for every step, as the notebook has it. */
export const constant: Schedule = {
  name: "constant",
  summary: "not at all",
  rate: (base) => base,
};
