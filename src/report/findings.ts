import type { Framing } from "../base/framing.ts";
import type { Picture } from "../base/picture.ts";
import { random } from "../base/random.ts";
import type { Dataset, Sample, SplitName } from "../data/dataset.ts";
import { type Evaluation, type Judgement, leastCertain, worstMistakes } from "../evaluate/evaluate.ts";
import { type Explanation, explain } from "../explain/explain.ts";
import { activations } from "../inspect/activations.ts";
import { spatialLayers } from "../model/find-layer.ts";
import type { Layer, Model } from "../model/model.ts";
import { type ActivationGrid, activationGrid } from "../render/activation-grid.ts";

/** A picture that the report shows, with what the network says of it and why. */
export interface Example {
  readonly judgement: Judgement;
  /** Sharper than what the network sees, for people. */
  readonly photo: Picture;
  /** For the class that it favours, or for two classes in class order. */
  readonly explanations: readonly Explanation[];
}

/** What the report says of a trained network. */
export interface Findings {
  readonly validation: Evaluation;
  /** Undefined where the data has no test pictures. */
  readonly test: Evaluation | undefined;
  /** The worst first. */
  readonly mistakes: readonly Example[];
  /** Explained for the two classes between which it hardly chose, the least certain first. */
  readonly uncertain: readonly Example[];
  /** Right answers, some of each class. */
  readonly right: readonly Example[];
  /** Of each class one right answer, explained for it and for its rival, too. */
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

const mostMistakes = 12;
const mostUncertain = 6;
const mostRight = 6;
const mostClasses = 6;
/** Layers whose activations are shown: from the first to the last, evenly. */
const mostLayers = 12;
/** Side of a shown photo in pixels, at least: sharp at 150 CSS px on dense screens. */
const shownSize = 300;

/** Pictures explained at most. */
export const mostExamples: number = mostMistakes + mostUncertain + mostRight + mostClasses;

/** Told how many pictures have been evaluated or explained since it was last told. */
export type Advance = (pictures: number) => void;

/** Scores the network on a split. */
export type Judge = (
  split: SplitName,
  progress: (done: number, total: number) => void,
) => Promise<Evaluation>;

/**
 * Evaluates the network, and explains some of its answers on pictures that it was not trained on. Which right answers
 * are shown is drawn with `seed`: neither the nicest nor the first.
 */
export async function findOut(
  model: Model,
  dataset: Dataset,
  judge: Judge,
  seed: number,
  advance: Advance,
): Promise<Findings> {
  const watched = (split: SplitName): Promise<Evaluation> => {
    let before = 0;
    return judge(split, (done) => {
      advance(done - before);
      before = done;
    });
  };
  const validation = await watched("validation");
  const test = dataset.splits.test.length > 0 ? await watched("test") : undefined;

  const shown = validation.n > 0 ? validation : (test ?? validation);
  const wrong = worstMistakes(shown, mostMistakes);
  const right = chooseRight(shown, seed);
  const rivals = right.flatMap((chosen) => chosen.slice(0, 1));
  const showAll = async (judgements: readonly Judgement[], classes: number): Promise<Example[]> => {
    const examples: Example[] = [];
    for (const judgement of judgements) {
      examples.push(await show(model, dataset, judgement, classes));
      advance(1);
    }
    return examples;
  };
  const subject = (right.flat()[0] ?? wrong[0])?.sample;
  return {
    validation,
    test,
    mistakes: await showAll(wrong, 1),
    uncertain: await showAll(leastCertain(shown, mostUncertain), 2),
    right: await showAll(right.flat(), 1),
    rivals: await showAll(rivals, 2),
    subject,
    layers: subject ? await layerGrids(model, await dataset.read(subject, model.input)) : [],
  };
}

/** Some right answers of each class, by class; of the first classes only where there are many. */
function chooseRight({ judgements, confusion }: Evaluation, seed: number): Judgement[][] {
  const classes = Math.min(confusion.length, mostClasses);
  const each = Math.floor(mostRight / classes);
  return Array.from({ length: classes }, (_, label) => {
    const right = judgements.filter(({ sample, predicted }) => sample.label === label && predicted === label);
    return random(seed, "report", label).shuffle(right).slice(0, each);
  });
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

async function show(model: Model, dataset: Dataset, judgement: Judgement, classes: number): Promise<Example> {
  const picture = await dataset.read(judgement.sample, model.input);
  const targets = judgement.scores
    .toSorted((a, b) => b.probability - a.probability)
    .slice(0, classes)
    .map(({ index }) => index)
    .sort((a, b) => a - b);
  const explanations: Explanation[] = [];
  for (const target of targets) explanations.push(await explain(model, picture, { target }));
  return { judgement, photo: await dataset.read(judgement.sample, enlarged(model.input)), explanations };
}

/** A whole multiple of the network's size, so that map and photo keep the same proportions. */
export function enlarged(framing: Framing): Framing {
  const { width, height } = framing;
  const factor = Math.ceil(shownSize / Math.max(width, height));
  return { ...framing, width: width * factor, height: height * factor };
}
