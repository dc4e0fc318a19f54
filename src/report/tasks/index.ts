import type { Evaluations, TaskEvaluation } from "../../evaluate/task-evaluation.ts";
import { type TaskName, taskOf } from "../../model/tasks/index.ts";
import { multiLabel } from "./multi-label.ts";
import { regression } from "./regression.ts";
import { singleLabel } from "./single-label.ts";
import type { TaskReport } from "./task.ts";

export type { Choice, SplitEvaluation, TaskReport } from "./task.ts";

const taskReports: { readonly [T in TaskName]: TaskReport<Evaluations[T]> } = {
  "single-label": singleLabel,
  "multi-label": multiLabel,
  regression,
};

/** What the report says of a network's task, for evaluations of that network. */
export const reportOf = (network: { readonly task?: TaskName }): TaskReport<TaskEvaluation> =>
  taskReports[taskOf(network).name] as TaskReport<TaskEvaluation>;
