import type { InputSpec, Network } from "../../model/model.ts";
import { presets } from "../../model/preprocessing.ts";
import type { TaskName } from "../../model/tasks/index.ts";
import type { FormatOptions } from "../format.ts";

/** Where a model's file has its description. */
export const KEY = "convscope";

/** What no layer says, as JSON. */
export interface Description {
  /** What the model takes, but with channels last, and how pictures become that. */
  readonly input: InputSpec;
  /** Single-label where it is absent. */
  readonly task?: TaskName;
  readonly classes: readonly string[];
}

export function descriptionOf(
  { input, task, classes }: Network,
  { withPreprocessing = false }: FormatOptions,
): Description {
  const levels = { channels: 3, preprocessing: presets.raw };
  return {
    input: withPreprocessing ? { ...input, ...levels } : input,
    ...(task === undefined ? {} : { task }),
    classes,
  };
}
