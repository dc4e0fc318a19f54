import * as op from "../../../graph/operators/index.ts";
import { own } from "../../ask.ts";
import { scoreWeighted } from "../../cam/score-weighted.ts";
import type { AskingMethod, Options } from "../../method.ts";

const SHARE = "masked/share";

/**
 * IS-CAM, Naidu et al. 2020 (arXiv 2010.03023): the mean score on the way from an empty picture to the masked one. Where
 * torch-cam adds up the shares 1/N, 2/N, …, so that masks soon exceed 1, we take them as they are.
 */
export const isCam: AskingMethod<Options<"steps" | "alignment">> = {
  name: "is-cam",
  title: "IS-CAM",
  summary: "Score-CAM with the score averaged while the mask grows from nothing",
  formula:
    "raw = sum_k w_k A_k, w = softmax over k of mean over i = 1..steps of score(x * M_k * i / steps), M_k as in score-cam",
  paper: "Naidu et al. 2020, arXiv:2010.03023",
  limits: "As many passes as channels times steps. Dim pictures are like none that the network learned from.",
  cost: "steps forward for each channel",
  slow: true,
  at: "maps",
  sign: "positive",
  options: { steps: 10, alignment: "borders" },
  explain: (subject, { steps, alignment }) =>
    scoreWeighted(subject, {
      alignment,
      trials: {
        name: "in steps",
        count: steps,
        alter: (g, mask) => op.mul(g, mask, own(g, SHARE, [mask.shape![0]!, 1, 1, 1])),
        write(trial, { [SHARE]: share }) {
          share![0] = (trial + 1) / steps;
        },
      },
    }),
};
