import type { Framing } from "../base/framing.ts";
import type { Picture } from "../base/picture.ts";
import type { Dataset, Sample, SplitName } from "../data/dataset.ts";
import type { Answer } from "../evaluate/answers.ts";
import type { TaskEvaluation } from "../evaluate/task-evaluation.ts";
import { explain } from "../explain/explain.ts";
import type { Explanation } from "../explain/explanation.ts";
import { activations } from "../inspect/activations.ts";
import { spatialLayers } from "../model/find-layer.ts";
import type { Layer, Model } from "../model/model.ts";
import { type ActivationGrid, activationGrid } from "../render/activation-grid.ts";
import { type Choice, reportOf, type SplitEvaluation } from "./tasks/index.ts";

/** A picture that the report shows, with what the network says of it and why. */
export interface Example {
  readonly judgement: Answer;
  /** Sharper than what the network sees, for people. */
  readonly photo: Picture;
  /** For one class, or for two in class order. */
  readonly explanations: readonly Explanation[];
}

/** What the report says of a trained network. */
export interface Findings {
  readonly validation: TaskEvaluation;
  /** Undefined where the data has no test pictures. */
  readonly test: TaskEvaluation | undefined;
  /** The worst first. */
  readonly mistakes: readonly Example[];
  /** The least certain first. */
  readonly uncertain: readonly Example[];
  /** Drawn by lot. */
  readonly right: readonly Example[];
  /** Explained for two classes. */
  readonly rivals: readonly Example[];
  /** The picture whose activations are shown: the first of the right answers or else of the mistakes. */
  readonly subject: Sample | undefined;
  /** What each layer makes of it, from shallow to deep. */
  readonly layers: readonly LayerGrid[];
}

export interface LayerGrid {
  readonly layer: Layer;
  readonly grid: ActivationGrid;
}

/** Layers whose activations are shown: from the first to the last, evenly. */
const mostLayers = 8;
/** Side of a shown photo in pixels, about: sharp at 150 CSS px on dense screens. */
const shownSize = 300;

/** Pictures explained at most, about. */
export const mostExamples = 30;

/** Told how many pictures have been evaluated or explained since it was last told. */
export type Advance = (pictures: number) => void;

/** Scores the network on a split. */
export type Judge = (
  split: SplitName,
  progress: (done: number, total: number) => void,
) => Promise<TaskEvaluation>;

/**
 * Evaluates the network, and explains some of its answers on pictures that it was not trained on. Those that are drawn by lot are drawn
 * with `seed`.
 */
export async function findOut(
  model: Model,
  dataset: Dataset,
  judge: Judge,
  seed: number,
  advance: Advance,
): Promise<Findings> {
  const watched = (split: SplitName): Promise<TaskEvaluation> => {
    let before = 0;
    return judge(split, (done) => {
      advance(done - before);
      before = done;
    });
  };
  const validation = await watched("validation");
  const test = dataset.splits.test.length > 0 ? await watched("test") : undefined;

  const shown = validation.n > 0 ? validation : (test ?? validation);
  const { mistakes, uncertain, right, rivals } = reportOf(model).choose(shown, seed);
  const showAll = async (choices: readonly Choice[]): Promise<Example[]> => {
    const examples: Example[] = [];
    for (const choice of choices) {
      examples.push(await show(model, dataset, choice));
      advance(1);
    }
    return examples;
  };
  const subject = (right[0] ?? mistakes[0])?.answer.sample;
  return {
    validation,
    test,
    mistakes: await showAll(mistakes),
    uncertain: await showAll(uncertain),
    right: await showAll(right),
    rivals: await showAll(rivals),
    subject,
    layers: subject ? await layerGrids(model, await dataset.read(subject, model.input)) : [],
  };
}

/** The evaluations of splits that have pictures, validation first. */
export function evaluationsOf({ validation, test }: Findings): SplitEvaluation<TaskEvaluation>[] {
  return Object.entries({ validation, test }).flatMap(([split, evaluation]) =>
    evaluation && evaluation.n > 0 ? [{ split, evaluation }] : [],
  );
}

async function layerGrids(model: Model, picture: Picture): Promise<LayerGrid[]> {
  const all = spatialLayers(model);
  const few = Math.min(all.length, mostLayers);
  const chosen = Array.from(
    { length: few },
    (_, at) => all[Math.round((at * (all.length - 1)) / Math.max(1, few - 1))]!,
  );
  const layers = await activations(model, picture, { layers: chosen.map(({ name }) => name) });
  return layers.map(({ layer, activation }) => ({ layer, grid: activationGrid(activation) }));
}

async function show(model: Model, dataset: Dataset, { answer, targets }: Choice): Promise<Example> {
  const picture = await dataset.read(answer.sample, model.input);
  const explanations: Explanation[] = [];
  for (const target of targets) explanations.push(await explain(model, picture, { target }));
  return { judgement: answer, photo: await dataset.read(answer.sample, enlarged(model.input)), explanations };
}

/** A whole multiple of the network's size, so that map and photo keep the same proportions. */
export function enlarged(framing: Framing): Framing {
  const { width, height } = framing;
  const factor = Math.max(1, Math.round(shownSize / Math.max(width, height)));
  return { ...framing, width: width * factor, height: height * factor };
}
