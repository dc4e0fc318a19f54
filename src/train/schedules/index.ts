import { constant } from "./constant.ts";
import { cosine } from "./cosine.ts";
import { oneCycle } from "./one-cycle.ts";
import { plateau } from "./plateau.ts";
import type { Schedule } from "./schedule.ts";
import { step } from "./step.ts";

export type { Schedule } from "./schedule.ts";

export type ScheduleName = "constant" | "step" | "cosine" | "one-cycle" | "plateau";

/** Schedules by the name that the command line takes. */
export const schedules: Readonly<Record<ScheduleName, Schedule>> = {
  constant,
  step,
  cosine,
  "one-cycle": oneCycle,
  plateau,
};
