import { constant } from "./constant.ts";
import { oneCycle } from "./one-cycle.ts";
import type { Schedule } from "./schedule.ts";

export type { Schedule } from "./schedule.ts";

export type ScheduleName = "constant" | "one-cycle";

/** Schedules by the name that the command line takes. */
export const schedules: Readonly<Record<ScheduleName, Schedule>> = { constant, "one-cycle": oneCycle };
