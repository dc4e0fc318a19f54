import { randomized } from "../../explain/randomized.ts";
import { each } from "../../explain/scaling.ts";
import type { Layer } from "../../model/model.ts";
import { closeModel } from "../../model/programs.ts";
import type { Metric } from "../metric.ts";
import { rankCorrelation } from "../rank-correlation.ts";
import { structuralSimilarity } from "../similarity.ts";

/** Stages that the layers are randomized in at most; of deep networks several layers at a time. */
const STAGES = 8;

export const parameterRandomization: Metric = {
  name: "parameter-randomization",
  title: "Model parameter randomization",
  family: "randomization",
  summary:
    "how much of the map stays as the weights are shuffled, layer after layer from the top: a map that stays does not show what was learnt",
  formula:
    "mean over stages of Spearman's rank correlation of |map| with that of the network shuffled down to there",
  paper:
    "Adebayo et al. 2018, arXiv:1810.03292, cascading randomization, magnitudes; each tensor's weights in another order, where the paper draws new ones, and in 8 stages at most",
  better: "lower",
  range: [-1, 1],
  needs: ["method", "weights"],
  options: {},
  async measure({ model, map, again, random }) {
    const seed = random("shuffled weights").below(2 ** 31);
    const spearman: [string, number][] = [];
    const signed: [string, number][] = [];
    const ssim: [string, number][] = [];
    const magnitude = each(map, Math.abs);
    let shuffled = model;
    for (const layers of fromTheTop(model.layers)) {
      shuffled = randomized(shuffled, layers, seed);
      const [other] = await again!({ model: shuffled }).finally(() => closeModel(shuffled));
      const otherMagnitude = each(other!, Math.abs);
      const reached = layers.at(-1)!.name;
      spearman.push([reached, rankCorrelation(magnitude.data, otherMagnitude.data)]);
      signed.push([reached, rankCorrelation(map.data, other!.data)]);
      ssim.push([reached, structuralSimilarity(magnitude, otherMagnitude)]);
    }
    const value = spearman.reduce((sum, [, correlation]) => sum + correlation, 0) / spearman.length;
    return { value, curves: { spearman, signed, ssim } };
  },
};

/** The layers that have weights, the top ones first, those of each stage together. */
function fromTheTop(layers: readonly Layer[]): Layer[][] {
  const weighted = layers.filter(({ parameters }) => parameters.length > 0).toReversed();
  const stages = Math.min(STAGES, weighted.length);
  const end = (stage: number): number => Math.round((stage * weighted.length) / stages);
  return Array.from({ length: stages }, (_, stage) => weighted.slice(end(stage), end(stage + 1)));
}
