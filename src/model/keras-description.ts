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

/** What a description says that else must be said of a model of Keras's. */
export interface Said {
  readonly adoption: Adoption;
  readonly task?: TaskName;
}

/**
 * @param channels that the model takes
 * @throws UserError when what was found is no description of such a model
 */
export function saidBy(found: unknown, source: string, channels: number): Said {
  if (found === undefined) return { adoption: {} };
  const { input, task, classes } = checked(found, source, channels);
  const { preprocessing, crop, filter } = input;
  const adoption = {
    classes,
    ...(preprocessing ? { preprocessing } : {}),
    ...(crop === undefined ? {} : { crop }),
    ...(filter === undefined ? {} : { filter }),
  };
  return { adoption, ...(task === undefined || task === "single-label" ? {} : { task }) };
}

function checked(found: unknown, source: string, channels: number): KerasDescription {
  const { input, task = "single-label", classes } = isFields(found) ? found : {};
  const fits =
    isFields(input) &&
    isPreparation(input, channels) &&
    Object.hasOwn(tasks, String(task)) &&
    isTexts(classes);
  if (fits) return found as unknown as KerasDescription;
  throw new UserError(`${source} has a broken description of its classes; export it again.`);
}

/** The graph with its logits and what a task makes of them as its outputs. */
export function withTask(graph: Graph, logits: string, task: TaskName): Graph {
  const g = new GraphBuilder(graph);
  const { output, ending } = taskOf({ task });
  const scores = g.value(logits);
  return g.finish(graph.name, { [LOGITS]: scores, [output]: g.scope("task", () => ending(g, scores)) });
}
