import { scoreWeighted } from "../../cam/score-weighted.ts";
import type { AskingMethod, Options } from "../../method.ts";

/**
 * Score-CAM, Wang et al. 2020 (arXiv 1910.01279), algorithm 1. The score of an empty picture, which the paper takes off, is the
 * same for all masks, and the softmax does not see it.
 */
export const scoreCam: AskingMethod<Options<"alignment">> = {
  name: "score-cam",
  title: "Score-CAM",
  summary: "channels weighted by the score that the picture gets when each is its mask; no gradient",
  formula:
    "raw = sum_k w_k A_k, w = softmax over k of score(x * M_k), M_k = (U_k - min U_k) / (max U_k - min U_k + 1e-8), U_k = A_k enlarged",
  paper: "Wang et al. 2020, arXiv:1910.01279, algorithm 1",
  limits:
    "One pass for each channel. The weights hang on how large scores are: with small ones all channels count alike, and the map is no target's in particular.",
  cost: "1 forward for each channel",
  at: "maps",
  sign: "positive",
  options: { alignment: "borders" },
  explain: scoreWeighted,
};
