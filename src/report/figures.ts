import type { Picture } from "../base/picture.ts";
import type { Sample } from "../data/dataset.ts";
import type { Explanation } from "../explain/explanation.ts";
import type { Network } from "../model/model.ts";
import { activationsFigure } from "../render/figures/activations.ts";
import { curvesFigure } from "../render/figures/curves.ts";
import { explanationFigure } from "../render/figures/explanation.ts";
import { mistakesFigure } from "../render/figures/mistakes.ts";
import { type TimeLapseInput, timeLapseFigure } from "../render/figures/time-lapse.ts";
import type { Fonts } from "../render/text.ts";
import { bestRow, type EpochRow } from "../train/state.ts";
import { type Example, evaluationsOf, type Findings } from "./findings.ts";
import { reportOf } from "./tasks/index.ts";

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
  /** By what they show, of validation and of test, where they have pictures. */
  readonly scores: Readonly<Record<string, readonly Figure[]>>;
  readonly mistakes: Figure;
  readonly explanations: readonly Figure[];
  readonly activations: readonly Figure[];
}

export function drawFigures(
  network: Pick<Network, "task" | "classes">,
  findings: Findings,
  history: readonly EpochRow[],
  timeLapse: TimeLapseInput | undefined,
  fonts: Fonts,
): Figures {
  const { mistakes, right, rivals, subject, layers } = findings;
  const best = bestRow(history)?.epoch;
  const explained = (examples: readonly Example[]) =>
    examples.flatMap(({ judgement: { sample }, photo, explanations }) =>
      explanations.map((explanation) => ({ sample, photo, explanation })),
    );
  const shown = explained(right);
  // What is among these need not be drawn again.
  const others = explained(rivals).filter(
    ({ sample, explanation: { target } }) =>
      !shown.some((other) => other.sample === sample && other.explanation.target.index === target.index),
  );
  return {
    curves: {
      name: "curves",
      svg: curvesFigure({ epochs: history, ...(best === undefined ? {} : { best }) }, fonts),
    },
    timeLapse: timeLapse ? [{ name: "time-lapse", svg: timeLapseFigure(timeLapse, fonts) }] : [],
    scores: scoreFigures(network, findings, fonts),
    mistakes: { name: "mistakes", svg: mistakesSheet(mistakes, network, fonts) },
    explanations: [...shown, ...others]
      .map(({ sample, photo, explanation }) => explanationSheet(sample, photo, explanation, fonts))
      .map(numbered("explanation")),
    activations: layers
      .map(({ layer, grid }) =>
        activationsFigure({ layer: layer!.name, grid, ...(subject ? { name: subject.name } : {}) }, fonts),
      )
      .map(numbered("activations")),
  };
}

function scoreFigures(
  network: Pick<Network, "task" | "classes">,
  findings: Findings,
  fonts: Fonts,
): Record<string, Figure[]> {
  const { classes } = network;
  const drawn = evaluationsOf(findings).map(({ split, evaluation }) => ({
    split,
    svgs: reportOf(network).figures(evaluation, { classes, split, fonts }),
  }));
  const kinds = Object.keys(drawn[0]?.svgs ?? {});
  return Object.fromEntries(
    kinds.map((kind) => [
      kind,
      drawn.map(({ split, svgs }) => ({ name: `${kind}-${split}`, svg: svgs[kind]! })),
    ]),
  );
}

/** Numbers keep running order in a folder, and no name from outside gets into a path. */
function numbered(stem: string): (svg: string, index: number) => Figure {
  return (svg, index) => ({ name: `${stem}-${String(index + 1).padStart(2, "0")}`, svg });
}

function mistakesSheet(
  mistakes: readonly Example[],
  network: Pick<Network, "task" | "classes">,
  fonts: Fonts,
): string {
  const { truth } = reportOf(network);
  const cards = mistakes.map(({ judgement, photo, explanations: [explanation] }) => {
    const { label, index, ...said } = explanation!.target;
    return {
      photo,
      attribution: explanation!.evidence,
      ...said,
      predicted: label,
      truth: truth(judgement, index, network.classes),
      name: judgement.sample.name,
    };
  });
  const first = mistakes[0]?.explanations[0];
  const method = first ? `${first.method.title}, layer ${first.layer!.name}` : "";
  return mistakesFigure({ mistakes: cards, method }, fonts);
}

function explanationSheet(sample: Sample, photo: Picture, explanation: Explanation, fonts: Fonts): string {
  const { target, method, layer } = explanation;
  return explanationFigure(
    {
      photo,
      attribution: explanation.evidence,
      ...target,
      method: method.title,
      layer: layer!.name,
      name: sample.name,
    },
    fonts,
  );
}
