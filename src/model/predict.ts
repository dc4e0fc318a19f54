import { UserError } from "../base/errors.ts";
import type { Picture } from "../base/picture.ts";
import { float32, type Tensor } from "../base/tensor.ts";
import type { Tensors } from "../engine/engine.ts";
import { checkClassifier } from "./classifier.ts";
import { type InputSpec, LOGITS, type Model, type Network } from "./model.ts";
import { type Image, preprocess } from "./preprocessing.ts";
import { runBatch } from "./programs.ts";
import { taskOf } from "./tasks/index.ts";

/** What a network says of a class. */
export interface ClassScore {
  readonly label: string;
  readonly index: number;
  /** Score before softmax or sigmoid. The first of two classes has the other's with the sign turned. */
  readonly logit: number;
  /** In [0, 1]; NaN where the network gives a value. */
  readonly probability: number;
  /** What it gives then. */
  readonly value?: number;
}

/** Scores of a batch by the names of the network's outputs: `logits` `[N, 1]` or `[N, K]`, and `probabilities` `[N, K]` or the `value` `[N, 1]`. */
export type Scores = Readonly<Record<string, Tensor<"float32">>> & { readonly logits: Tensor<"float32"> };

/**
 * Runs the network forward on inputs `[N, C, H, W]`.
 * @throws UserError when it gives no scores of classes
 */
export async function forward(model: Model, inputs: Tensor<"float32">): Promise<Scores> {
  checkClassifier(model, model.source);
  return (await runBatch(
    model,
    { [model.input.name]: inputs },
    { key: "forward", derive: (graph) => graph },
  )) as Scores;
}

/** The classes of one image, most probable first; or its value. */
export async function predict(model: Model, image: Image): Promise<ClassScore[]> {
  const scores = await forward(model, toBatch(model.input, image));
  return classScores(model, scores, 0).sort((a, b) => b.probability - a.probability);
}

/** What row `row` of a batch's scores says of every class, in class order. */
export function classScores(
  network: Pick<Network, "task" | "classes">,
  scores: Tensors,
  row: number,
): ClassScore[] {
  const { classes } = network;
  const { output, reading } = taskOf(network);
  const logits = scores[LOGITS]!;
  const numbers = scores[output]!;
  const columns = logits.shape[1]!;
  return classes.map((label, index) => ({
    label,
    index,
    logit:
      columns < classes.length
        ? Number(logits.data[row]!) * (index === 1 ? 1 : -1)
        : Number(logits.data[row * columns + index]!),
    ...reading(Number(numbers.data[row * classes.length + index]!)),
  }));
}

/**
 * An image as a batch `[N, C, H, W]`: pictures are preprocessed, tensors taken as they are.
 * @throws UserError when a tensor has another shape than the network's input
 */
export function toBatch(input: InputSpec, image: Image): Tensor<"float32"> {
  if (!("shape" in image)) return preprocess(input, [image as Picture]);
  const shape = image.shape.length === 3 ? [1, ...image.shape] : image.shape;
  const { channels, width, height } = input;
  if (shape.length !== 4 || shape[1] !== channels || shape[2] !== height || shape[3] !== width)
    throw new UserError(
      `A tensor [${image.shape.join(", ")}] does not fit the network, which takes [${channels}, ${height}, ${width}] or [N, ${channels}, ${height}, ${width}].`,
    );
  return float32(shape, image.data);
}
