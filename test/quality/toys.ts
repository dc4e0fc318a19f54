import { float32, scalar, type Tensor } from "../../src/base/tensor.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import * as op from "../../src/graph/operators/index.ts";
import { BATCH, type Model } from "../../src/model/model.ts";
import { type Trial, type TrialOptions, trialOf } from "../../src/quality/trial.ts";
import { engine } from "../explain/reference.ts";

/**
 * Pictures `[1, height, width]`, whose first class's logit is the sum of their pixels, weighted, and probability too: numbers to be done
 * by hand.
 */
export function summing(
  height: number,
  width: number,
  weights: readonly number[] = new Array(height * width).fill(1),
): Model {
  const g = new GraphBuilder();
  const x = g.input("image", "float32", [BATCH, 1, height, width]);
  const weight = g.initializer(
    "weight",
    float32(
      [height * width, 2],
      weights.flatMap((w) => [w, -w]),
    ),
  );
  const bias = g.initializer("bias", float32([2], [0, 1]));
  const scores = op.gemm(g, op.flatten(g, x), weight, bias);
  const graph = g.finish("summing", {
    logits: scores,
    probabilities: op.mul(g, scores, g.constant(scalar(1))),
  });
  return {
    graph,
    input: { name: "image", channels: 1, height, width },
    classes: ["sum", "rest"],
    layers: [{ name: "dense", type: "Dense", output: scores.name, parameters: ["weight", "bias"] }],
    source: "summing",
    engine,
  };
}

/** A trial of a map `[height, width]` of a picture for the first class. */
export function trying(
  model: Model,
  picture: readonly number[],
  map: readonly number[],
  options: Partial<TrialOptions> = {},
): Promise<Trial> {
  const { height, width } = model.input;
  return trialOf(model, {
    target: 0,
    inputs: float32([1, 1, height, width], picture),
    map: plane(height, width, map),
    ...options,
  });
}

export function plane(height: number, width: number, values: ArrayLike<number>): Tensor<"float32"> {
  return float32([height, width], values);
}
