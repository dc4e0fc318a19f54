import { multiLabel } from "./multi-label.ts";
import { regression } from "./regression.ts";
import { singleLabel } from "./single-label.ts";
import type { Task } from "./task.ts";

export type { Task, Truth } from "./task.ts";

/** By the names that files and the command line have for them. */
export const tasks = {
  "single-label": singleLabel,
  "multi-label": multiLabel,
  regression,
} satisfies Record<string, Task>;

export type TaskName = keyof typeof tasks;

/** What a network, or a data set, is for. */
export const taskOf = ({ task = "single-label" }: { readonly task?: TaskName | undefined }): Task =>
  tasks[task];
