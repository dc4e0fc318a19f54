import type { Schedule } from "./schedules/schedule.ts";

/**
 * A schedule that begins after a part of all steps, in which the rate rises evenly from nothing to what the schedule begins with
 * (Goyal et al. 2017, 2.2). The schedule's own course is squeezed into what is left.
 */
export function warmUp(schedule: Schedule, warm: number): Schedule {
  return {
    ...schedule,
    rate: (base, part, losses) =>
      part < warm
        ? (schedule.rate(base, 0, losses) * part) / warm
        : schedule.rate(base, warm < 1 ? (part - warm) / (1 - warm) : 1, losses),
  };
}
