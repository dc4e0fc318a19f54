import { scoreWeighted } from "../../cam/score-weighted.ts";
import type { AskingMethod, Options } from "../../method.ts";

/** Faster Score-CAM (tabayashi0117/Score-CAM, 2020): Score-CAM of the channels whose maps have the largest variance. */
export const fasterScoreCam: AskingMethod<Options<"maps" | "alignment">> = {
  name: "faster-score-cam",
  title: "Faster Score-CAM",
  summary: "Score-CAM of the few channels that vary most over the picture",
  formula:
    "raw = sum_k w_k A_k over the channels of largest variance, w = softmax over k of score(x * M_k), M_k as in score-cam",
  paper: "tabayashi0117/Score-CAM (2020); Wang et al. 2020, arXiv:1910.01279",
  limits:
    "Which channels vary most has nothing to do with the target: one that matters to it may not be among them.",
  cost: "1 forward for each of the maps",
  at: "maps",
  sign: "positive",
  options: { maps: 10, alignment: "borders" },
  explain: scoreWeighted,
};
