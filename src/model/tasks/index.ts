import { multiLabel } from "./multi-label.ts";
import { regression } from "./regression.ts";
import { singleLabel } from "./single-label.ts";
import type { Task, TaskName } from "./task.ts";

export type { Task, TaskName, Truth } from "./task.ts";

export const tasks: Readonly<Record<TaskName, Task>> = {
  "single-label": singleLabel,
  "multi-label": multiLabel,
  regression,
};

/** What a network, or a data set, is for. */
export const taskOf = ({ task = "single-label" }: { readonly task?: TaskName | undefined }): Task =>
  tasks[task];
