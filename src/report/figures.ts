import type { Picture } from "../base/picture.ts";
import { calibration } from "../evaluate/calibration.ts";
import type { Judgement } from "../evaluate/evaluate.ts";
import { rankings } from "../evaluate/ranking.ts";
import type { Explanation } from "../explain/explain.ts";
import { activationsFigure } from "../render/figures/activations.ts";
import { confusionFigure } from "../render/figures/confusion.ts";
import { curvesFigure } from "../render/figures/curves.ts";
import { explanationFigure } from "../render/figures/explanation.ts";
import { mistakesFigure } from "../render/figures/mistakes.ts";
import { precisionRecallFigure } from "../render/figures/precision-recall.ts";
import { reliabilityFigure } from "../render/figures/reliability.ts";
import { rocFigure } from "../render/figures/roc.ts";
import { type TimeLapseInput, timeLapseFigure } from "../render/figures/time-lapse.ts";
import type { Fonts } from "../render/text.ts";
import { bestRow, type EpochRow } from "../train/state.ts";
import type { Example, Findings } from "./findings.ts";

/** A figure as a file: its name without an ending, and its SVG. */
export interface Figure {
  readonly name: string;
  readonly svg: string;
}

/** The figures of a run. */
export interface Figures {
  readonly curves: Figure;
  /** Of a run that watched pictures. */
  readonly timeLapse: readonly Figure[];
  /** These of validation and of test, where they have pictures. */
  readonly confusion: readonly Figure[];
  readonly reliability: readonly Figure[];
  readonly roc: readonly Figure[];
  readonly precisionRecall: readonly Figure[];
  readonly mistakes: Figure;
  readonly explanations: readonly Figure[];
  readonly activations: readonly Figure[];
}

export function drawFigures(
  { validation, test, mistakes, right, rivals, subject, layers }: Findings,
  history: readonly EpochRow[],
  timeLapse: TimeLapseInput | undefined,
  classes: readonly string[],
  fonts: Fonts,
): Figures {
  const best = bestRow(history)?.epoch;
  const sheets = ({ judgement, photo, explanations }: Example): string[] =>
    explanations.map((explanation) => explanationSheet(judgement, photo, explanation, fonts));
  // Their own class is among the right answers.
  const rivalSheets = ({ judgement, explanations, ...example }: Example): string[] =>
    sheets({
      ...example,
      judgement,
      explanations: explanations.filter(({ target }) => target.index !== judgement.predicted),
    });
  const evaluations = Object.entries({ validation, test }).flatMap(([split, evaluation]) =>
    evaluation && evaluation.n > 0 ? [{ split, evaluation, ranked: rankings(evaluation) }] : [],
  );
  return {
    curves: {
      name: "curves",
      svg: curvesFigure({ epochs: history, ...(best === undefined ? {} : { best }) }, fonts),
    },
    timeLapse: timeLapse ? [{ name: "time-lapse", svg: timeLapseFigure(timeLapse, fonts) }] : [],
    confusion: evaluations.map(({ split, evaluation }) => ({
      name: `confusion-${split}`,
      svg: confusionFigure({ classes, counts: evaluation.confusion, split }, fonts),
    })),
    reliability: evaluations.map(({ split, evaluation }) => ({
      name: `reliability-${split}`,
      svg: reliabilityFigure({ calibration: calibration(evaluation), split }, fonts),
    })),
    roc: evaluations.map(({ split, ranked }) => ({
      name: `roc-${split}`,
      svg: rocFigure({ classes, rankings: ranked, split }, fonts),
    })),
    precisionRecall: evaluations.map(({ split, ranked }) => ({
      name: `precision-recall-${split}`,
      svg: precisionRecallFigure({ classes, rankings: ranked, split }, fonts),
    })),
    mistakes: { name: "mistakes", svg: mistakesSheet(mistakes, classes, fonts) },
    explanations: [...right.flatMap(sheets), ...rivals.flatMap(rivalSheets)].map(numbered("explanation")),
    activations: layers
      .map(({ layer, grid }) =>
        activationsFigure({ layer: layer.name, grid, ...(subject ? { name: subject.name } : {}) }, fonts),
      )
      .map(numbered("activations")),
  };
}

/** Numbers keep running order in a folder, and no name from outside gets into a path. */
function numbered(stem: string): (svg: string, index: number) => Figure {
  return (svg, index) => ({ name: `${stem}-${String(index + 1).padStart(2, "0")}`, svg });
}

function mistakesSheet(mistakes: readonly Example[], classes: readonly string[], fonts: Fonts): string {
  const cards = mistakes.map(({ judgement: { sample }, photo, explanations: [explanation] }) => ({
    photo,
    attribution: explanation!.evidence,
    predicted: explanation!.target.label,
    probability: explanation!.target.probability,
    truth: classes[sample.label]!,
    name: sample.name,
  }));
  const first = mistakes[0]?.explanations[0];
  const method = first ? `${first.method.title}, layer ${first.layer.name}` : "";
  return mistakesFigure({ mistakes: cards, method }, fonts);
}

function explanationSheet(
  { sample }: Judgement,
  photo: Picture,
  explanation: Explanation,
  fonts: Fonts,
): string {
  const { target, method, layer } = explanation;
  return explanationFigure(
    {
      photo,
      attribution: explanation.evidence,
      label: target.label,
      probability: target.probability,
      method: method.title,
      layer: layer.name,
      name: sample.name,
    },
    fonts,
  );
}
