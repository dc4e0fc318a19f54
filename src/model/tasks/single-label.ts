import * as op from "../../graph/operators/index.ts";
import { PROBABILITIES } from "../model.ts";
import type { Task } from "./task.ts";

/** Which one of the classes a picture is of. Two share one logit, the score of the second. */
export const singleLabel: Task = {
  name: "single-label",
  summary: "one of several classes",
  noun: ["class", "classes"],
  fewest: 2,
  columns: (classes) => (classes === 2 ? 1 : classes),
  output: PROBABILITIES,
  ending: (g, logits) =>
    logits.shape![1] === 1
      ? op.concat(g, [op.sigmoid(g, op.neg(g, logits)), op.sigmoid(g, logits)], 1)
      : op.softmax(g, logits),
  reading: (probability) => ({ probability }),
  measured: (network) => network,
  target: ({ label }, { classes }) =>
    classes.length === 2 ? [label] : classes.map((_, index) => Number(index === label)),
};
