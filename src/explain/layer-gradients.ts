import { sizeOf } from "../base/tensor.ts";
import { staticShapeAfterBatch } from "../graph/graph.ts";
import type { Question, Rows, Subject } from "./subject.ts";

/** A layer's activation, and the gradient of the score by it, in the activation's shape, as views. */
export type TakeLayerGradient = (
  row: number,
  result: { readonly activation: Float32Array; readonly gradient: Float32Array },
) => void;

const question: Question = {
  key: "layer gradient",
  write({ g, layer, gradient }) {
    const activation = g.value(layer.output);
    const [slope] = gradient([activation]);
    return { activation, gradient: slope! };
  },
};

/** The activation of the subject's layer and its gradient, for each row. */
export async function eachLayerGradient(
  subject: Pick<Subject, "ask">,
  rows: Rows,
  take: TakeLayerGradient,
): Promise<void> {
  await subject.ask(question, rows, (row, { activation, gradient }) =>
    take(row, { activation: activation!, gradient: gradient! }),
  );
}

/** The shape of the layer's activation for one picture. */
export function layerShape({ model, layer }: Pick<Subject, "model" | "layer">): readonly number[] {
  return staticShapeAfterBatch(model.graph.values.get(layer.output)!);
}

/** The activation of the subject's layer in each row, one after the other. */
export async function layerActivations(
  subject: Pick<Subject, "ask" | "model" | "layer">,
  rows: Rows,
): Promise<Float32Array> {
  const size = sizeOf(layerShape(subject));
  const found = new Float32Array(rows.count * size);
  const question: Question = {
    key: "layer activation",
    write: ({ g, layer }) => ({ activation: g.value(layer.output) }),
  };
  await subject.ask(question, rows, (row, { activation }) => found.set(activation!, row * size));
  return found;
}
