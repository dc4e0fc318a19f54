import type { Evaluations, TaskEvaluation } from "../../evaluate/task-evaluation.ts";
import { type TaskName, taskOf } from "../../model/tasks/index.ts";
import { multiLabel } from "./multi-label.ts";
import { regression } from "./regression.ts";
import { singleLabel } from "./single-label.ts";
import type { TaskText } from "./task.ts";

const taskTexts: { readonly [T in TaskName]: TaskText<Evaluations[T]> } = {
  "single-label": singleLabel,
  "multi-label": multiLabel,
  regression,
};

/** How the command line tells of a network, or of evaluations of such networks. */
export const textOf = (of: { readonly task?: TaskName }): TaskText<TaskEvaluation> =>
  taskTexts[taskOf(of).name] as TaskText<TaskEvaluation>;
