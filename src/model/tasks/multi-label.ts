import * as op from "../../graph/operators/index.ts";
import { PROBABILITIES } from "../model.ts";
import type { Task } from "./task.ts";

/** Which of the labels a picture bears: any number of them, each with a logit and a probability of its own. */
export const multiLabel: Task = {
  name: "multi-label",
  summary: "any number of labels",
  noun: ["label", "labels"],
  fewest: 1,
  columns: (classes) => classes,
  output: PROBABILITIES,
  ending: (g, logits) => op.sigmoid(g, logits),
  reading: (probability) => ({ probability }),
  measured: (network) => network,
  target: ({ values }) => [...values!],
};
