import type { TaskName } from "../../model/tasks/index.ts";
import { multiLabel } from "./multi-label.ts";
import { regression } from "./regression.ts";
import { singleLabel } from "./single-label.ts";
import type { Scoring } from "./task.ts";

export type { Measure, MeasureKey, Scoring } from "./task.ts";

export const scorings: Readonly<Record<TaskName, Scoring>> = {
  "single-label": singleLabel,
  "multi-label": multiLabel,
  regression,
};
