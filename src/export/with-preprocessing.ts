import { GraphBuilder } from "../graph/builder.ts";
import { type Graph, specialize, staticShapeAfterBatch, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { precededBy } from "../graph/preceded.ts";
import { checkClassifier } from "../model/classifier.ts";
import { BATCH, LABEL, type Network, PHOTO, PROBABILITIES } from "../model/model.ts";
import { preprocessingOf } from "../model/preprocessing.ts";
import { preprocessed } from "../model/preprocessing-graph.ts";
import { taskOf, tasks } from "../model/tasks/index.ts";
import { framedLevels } from "./framing-graph.ts";

/**
 * The network for one photo of any size: `photo`, uint8 RGB `[H, W, 3]`, is made its input as `preprocess` does it. Gives what the
 * network gives, without the batch: `logits` and `probabilities` `[K]`; and where it tells one class, `label`, the name of the most
 * probable as text `[1]`.
 * @throws UserError when the network gives no scores of classes, or does not say how pictures become its input
 */
export function withPreprocessing(network: Network): Graph {
  checkClassifier(network);
  const { graph, input, classes } = network;
  const preprocessing = preprocessingOf(input);
  const whole = precededBy(specialize(graph, { [BATCH]: 1 }), input.name, (g) => {
    const photo = g.input(PHOTO, "uint8", ["H", "W", 3]);
    return g.scope("preprocessing", () => preprocessed(g, framedLevels(g, photo, input), preprocessing));
  });
  const g = new GraphBuilder(whole);
  const rows = whole.outputs.map(({ name }) => [name, g.rename(g.value(name), `${name}/row`)] as const);
  return g.scope("scores", () => {
    const label = taskOf(network) === tasks["single-label"] && {
      [LABEL]: favourite(g, g.value(`${PROBABILITIES}/row`), classes),
    };
    const scores = rows.map(([name, row]) => [name, op.reshape(g, row, staticShapeAfterBatch(row))] as const);
    return g.finish(graph.name, { ...label, ...Object.fromEntries(scores) });
  });
}

/** The name of the most probable class: text `[1]`. */
function favourite(g: GraphBuilder, probabilities: Value, classes: readonly string[]): Value {
  const [names] = g.node({
    op: "Constant",
    inputs: [],
    attributes: { value_strings: { type: "strings", value: classes } },
    outputs: [{ dtype: "string", shape: [classes.length] }],
  });
  return op.gather(g, names!, op.reshape(g, op.argMax(g, probabilities, 1), [1]));
}
