import { UserError } from "../base/errors.ts";
import { isFields } from "../formats/keras/settings.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import type { Adoption } from "./adopt.ts";
import { isPreparation, isTexts } from "./description.ts";
import { type InputSpec, LOGITS, type Network } from "./model.ts";
import { presets } from "./preprocessing.ts";
import { type TaskName, taskOf, tasks } from "./tasks/index.ts";

/** What a model of Keras's or TensorFlow.js's that we write says beside its layers, as JSON. */
export interface KerasDescription {
  /** What it takes, but with channels last, and how pictures become that. */
  readonly input: InputSpec;
  /** Single-label where it is absent. */
  readonly task?: TaskName;
  readonly classes: readonly string[];
}

/** @param options whether the model takes levels of RGB, its preprocessing being inside */
export function kerasDescription(
  { input, task, classes }: Network,
  { withPreprocessing = false }: { readonly withPreprocessing?: boolean },
): KerasDescription {
  const levels = { channels: 3, preprocessing: presets.raw };
  return {
    input: withPreprocessing ? { ...input, ...levels } : input,
    ...(task === undefined ? {} : { task }),
    classes,
  };
}

/**
 * The description that a file has; undefined where it has none.
 * @throws UserError when it is none
 */
function readKerasDescription(found: unknown, source: string): KerasDescription | undefined {
  if (found === undefined) return undefined;
  const { input, task = "single-label", classes } = isFields(found) ? found : {};
  if (
    isFields(input) &&
    isPreparation(input, Number(input.channels)) &&
    Object.hasOwn(tasks, String(task)) &&
    isTexts(classes)
  )
    return found as unknown as KerasDescription;
  throw new UserError(`${source} has a broken description of its classes; export it again.`);
}

/** What a description says that else must be said of a model of Keras's, and its task where that is another than to tell one class. */
export function saidBy(
  found: unknown,
  source: string,
): { readonly adoption: Adoption; readonly task?: TaskName } {
  const described = readKerasDescription(found, source);
  if (!described) return { adoption: {} };
  const { input, task, classes } = described;
  const { preprocessing, crop, filter } = input;
  const adoption = {
    classes,
    ...(preprocessing ? { preprocessing } : {}),
    ...(crop === undefined ? {} : { crop }),
    ...(filter === undefined ? {} : { filter }),
  };
  return { adoption, ...(task === undefined || task === "single-label" ? {} : { task }) };
}

/** The graph with its logits and what a task makes of them as its outputs. */
export function withTask(graph: Graph, logits: string, task: TaskName): Graph {
  const g = new GraphBuilder(graph);
  const { output, ending } = taskOf({ task });
  const scores = g.value(logits);
  return g.finish(graph.name, { [LOGITS]: scores, [output]: g.scope("task", () => ending(g, scores)) });
}
