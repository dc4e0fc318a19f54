import { float32 } from "../../base/tensor.ts";
import { initializerOf, initializerTensor } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { withConstants } from "../batch.ts";
import type { Network } from "../model.ts";
import type { Task } from "./task.ts";

/** What the values of the training pictures are like. */
export interface Scale {
  readonly mean: number;
  /** Standard deviation, above 0. */
  readonly deviation: number;
}

const names = { mean: "denormalization/mean", deviation: "denormalization/deviation" } as const;

/**
 * A number. The network's one logit is the value in standard deviations from the mean of the training pictures, whatever its unit; its
 * last nodes bring it back, as Keras's Normalization does with `invert`.
 */
export const regression: Task = {
  name: "regression",
  summary: "a number",
  noun: ["value", "values"],
  fewest: 1,
  columns: (classes) => classes,
  output: "value",
  ending(g, logits) {
    const deviation = g.initializer(names.deviation, float32([1], [1]));
    const mean = g.initializer(names.mean, float32([1], [0]));
    return op.add(g, op.mul(g, logits, deviation), mean);
  },
  reading: (value) => ({ probability: Number.NaN, value }),
  measured(network, truths) {
    const values = truths.map(({ values }) => values![0]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return withScale(network, { mean, deviation: Math.sqrt(variance) });
  },
  target({ values }, network) {
    const { mean, deviation } = scaleOf(network);
    return values!.map((value) => (value - mean) / deviation);
  },
};

/** The scale that a network of this task brings its logit to. */
export function scaleOf({ graph }: Pick<Network, "graph">): Scale {
  const number = (name: string): number => Number(initializerTensor(graph.initializers.get(name)!).data[0]);
  return { mean: number(names.mean), deviation: number(names.deviation) };
}

/** The network with that of other training pictures. */
export function withScale<N extends Network>(network: N, { mean, deviation }: Scale): N {
  const constant = (name: string, value: number) =>
    [name, initializerOf(name, float32([1], [value]))] as const;
  return withConstants(network, new Map([constant(names.mean, mean), constant(names.deviation, deviation)]));
}
