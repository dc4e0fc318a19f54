import * as op from "../../../graph/operators/index.ts";
import { own } from "../../ask.ts";
import { scoreWeighted } from "../../cam/score-weighted.ts";
import type { AskingMethod, Options } from "../../method.ts";

const NOISE = "masked/noise";

/**
 * SS-CAM, Wang et al. 2020 (arXiv 2006.14255), its first kind, with noise on the masks. All channels meet the same noise, so that
 * their weights differ by the channels alone. The paper draws 35 times.
 */
export const ssCam: AskingMethod<Options<"samples" | "noise" | "alignment">> = {
  name: "ss-cam",
  title: "SS-CAM",
  summary: "Score-CAM with noise on its masks, averaged over several draws",
  formula:
    "raw = sum_k w_k A_k, w = softmax over k of mean over e of score(x * (M_k + e)), e ~ N(0, noise^2) in each pixel, M_k as in score-cam",
  paper: "Wang et al. 2020, arXiv:2006.14255",
  limits:
    "As many passes as channels times samples. Pictures under so much noise are like none that the network learned from.",
  cost: "samples forward for each channel",
  slow: true,
  at: "maps",
  sign: "positive",
  options: { samples: 10, noise: 2, alignment: "borders" },
  explain(subject, { samples, noise, alignment }) {
    const [height, width] = subject.inputs.shape.slice(2) as [number, number];
    const drawn = new Float32Array(height * width);
    let draw = -1;
    return scoreWeighted(subject, {
      alignment,
      trials: {
        name: "with noise",
        count: samples,
        alter: (g, mask) => op.add(g, mask, own(g, NOISE, mask.shape!)),
        write(trial, { [NOISE]: into }) {
          if (trial !== draw) {
            const { normal } = subject.random("noise", trial);
            for (let at = 0; at < drawn.length; at++) drawn[at] = noise * normal();
            draw = trial;
          }
          into!.set(drawn);
        },
      },
    });
  },
};
