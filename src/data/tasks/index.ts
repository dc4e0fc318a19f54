import type { TaskName } from "../../model/tasks/index.ts";
import { multiLabel } from "./multi-label.ts";
import { regression } from "./regression.ts";
import { singleLabel } from "./single-label.ts";
import type { DataTask } from "./task.ts";

/** Where a table could be of several kinds, the first of them is taken. */
export const dataTasks: Readonly<Record<TaskName, DataTask>> = {
  "single-label": singleLabel,
  "multi-label": multiLabel,
  regression,
};
