import { UserError } from "../base/errors.ts";
import type { Framing } from "../base/framing.ts";
import { type Engine, EngineError } from "../engine/engine.ts";
import type { Graph } from "../graph/graph.ts";
import { trace } from "./batch.ts";
import { checkClassifier } from "./classifier.ts";
import { graphLayers } from "./graph-layers.ts";
import { imagenetClasses } from "./imagenet.ts";
import type { InputSpec, Network } from "./model.ts";
import { withPictureInput } from "./picture-input.ts";
import { type Preprocessing, type PresetName, presetFor } from "./preprocessing.ts";
import { classCount, findScores, nameInFile, type Scores, withFreeNames, withScores } from "./scores.ts";
import { withoutZipMap } from "./zip-map.ts";

/** What a file from elsewhere does not say. */
export interface Adoption extends Pick<Framing, "crop" | "filter"> {
  /** How pixels become numbers; without it the network can be fed tensors alone. */
  readonly preprocessing?: PresetName | Preprocessing;
  /** In the order of the scores; else the file's own, ImageNet's where there are as many, or `class 0`, `class 1`, … */
  readonly classes?: readonly string[];
  /** Side of the picture where the graph leaves it free, in pixels; 224 unless given. */
  readonly size?: number;
}

/**
 * Makes a graph from elsewhere a network of ours: its picture input in NCHW, its scores as logits and probabilities, its layers by
 * the names that its makers gave them. Runs it once, on noise, to learn its shapes. One that gives no scores keeps its outputs, and has no
 * classes.
 * @throws UserError when it cannot be run, does not take one picture, or has another number of classes than were named
 */
export async function adopt(
  graph: Graph,
  source: string,
  engine: Engine,
  adoption: Adoption = {},
): Promise<Network> {
  const { graph: scored, labels } = withoutZipMap(graph);
  const { graph: general, input } = withPictureInput(withFreeNames(scored), source, adoption.size);
  const traced = await trace(engine, general, input, 1).catch((error: unknown): never => {
    if (!(error instanceof EngineError)) throw error;
    throw new UserError(
      `${source} cannot be run (ONNX Runtime: ${error.message}); export it again, or give another size if it leaves that free.`,
    );
  });
  const named = adoption.classes ?? labels;
  const scores = findScores(traced, named?.length);
  const adopted: Network = {
    graph: scores ? withScores(traced, scores) : traced,
    general: scores ? withScores(general, scores) : general,
    input: adoptedInput(input, adoption),
    classes: scores ? adoptedClasses(classCount(scores.columns), named, source) : [],
    layers: graphLayers(traced, scores),
    ...guessed(scores, named),
  };
  if (named) checkClassifier(adopted, source);
  return adopted;
}

/** Of several outputs that could be scores the number of named classes chooses. */
export function guessed(
  scores: Scores | undefined,
  named: readonly string[] | undefined,
): Pick<Network, "guessed"> {
  if (!scores || named || scores.others.length === 0) return {};
  return { guessed: { output: nameInFile(scores.output), others: scores.others.map(nameInFile) } };
}

/** The input with what was said of how pictures become it. */
export function adoptedInput(
  input: InputSpec,
  { preprocessing, crop, filter }: Pick<Adoption, "preprocessing" | "crop" | "filter">,
): InputSpec {
  const prepared =
    typeof preprocessing === "string" ? presetFor(preprocessing, input.channels) : preprocessing;
  return {
    ...input,
    ...(crop === undefined ? {} : { crop }),
    ...(filter === undefined ? {} : { filter }),
    ...(prepared ? { preprocessing: prepared } : {}),
  };
}

/** Names of so many classes; see `Adoption`. */
export function adoptedClasses(
  count: number,
  classes: readonly string[] | undefined,
  source: string,
): readonly string[] {
  if (classes && classes.length !== count)
    throw new UserError(`${source} has ${count} classes, not the ${classes.length} that were named.`);
  if (classes) return classes;
  if (count === imagenetClasses.length) return imagenetClasses;
  // TensorFlow's networks keep the first place for whatever is no class.
  if (count === imagenetClasses.length + 1) return ["background", ...imagenetClasses];
  return Array.from({ length: count }, (_, index) => `class ${index}`);
}
