import type { Metric } from "../metric.ts";
import { structuralSimilarity } from "../similarity.ts";

export const randomLogit: Metric = {
  name: "random-logit",
  title: "Random logit",
  family: "randomization",
  summary:
    "how alike the map of another class is: a map that is the same for all classes does not explain one",
  formula: "structural similarity of the map with that of another class, chosen at random",
  paper: "Sixt, Granz and Landgraf 2020, arXiv:1912.09818",
  better: "lower",
  range: [-1, 1],
  needs: ["method", "rival"],
  options: {},
  async measure({ model, map, target, again, random }) {
    const others = model.classes.map((_, index) => index).filter((index) => index !== target);
    const [other] = await again!({ target: random("another class").pick(others) });
    return { value: structuralSimilarity(map, other!) };
  },
};
