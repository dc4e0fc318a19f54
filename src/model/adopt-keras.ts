import { kerasGraph } from "../formats/keras/graph/keras-graph.ts";
import type { SavedKerasModel } from "../formats/keras/saved-model.ts";
import { type Graph, specialize } from "../graph/graph.ts";
import { type Adoption, adoptedClasses, adoptedInput, guessed } from "./adopt.ts";
import { checkClassifier } from "./classifier.ts";
import { saidBy, withTask } from "./keras-description.ts";
import { BATCH, type Network } from "./model.ts";
import { USUAL_SIZE, withPictureInput } from "./picture-input.ts";
import { classCount, findScores, type Scores, withFreeNames, withScores } from "./scores.ts";

/** How Teachable Machine prepares photos for the models that it makes. */
const teachableMachine: Adoption = { preprocessing: "tf", crop: 1 };

/**
 * Makes a model of Keras or TensorFlow.js a network of ours, with Keras's own names and types of layers. What the file says, as ours and those of
 * Teachable Machine do, need not be said of it. Nothing is run, as all shapes are known, and no weight is read.
 * @throws UserError when it does not take one picture, has a layer that is not known here, or another number of classes than were named
 */
export function adoptKeras(saved: SavedKerasModel, source: string, said: Adoption = {}): Network {
  const { classes, pictureSize } = saved;
  const size = said.size ?? pictureSize ?? USUAL_SIZE;
  const { graph: written, layers } = kerasGraph(saved, source, size);
  const { graph, input } = withPictureInput(withFreeNames(written), source, said.size);
  const { adoption: described, task } = saidBy(saved.description, source, input.channels);
  const adoption: Adoption = {
    ...(pictureSize === undefined ? {} : teachableMachine),
    ...(classes === undefined ? {} : { classes }),
    ...described,
    ...said,
  };
  const scores = findScores(specialize(graph, { [BATCH]: 1 }), adoption.classes?.length);
  const ended = (found: Scores): Graph =>
    task ? withTask(graph, found.logits, task) : withScores(graph, found);
  const scored = scores ? ended(scores) : graph;
  const count = (columns: number): number => (task ? columns : classCount(columns));
  const adopted: Network = {
    graph: scored,
    input: adoptedInput(input, adoption),
    ...(task ? { task } : {}),
    classes: scores ? adoptedClasses(count(scores.columns), adoption.classes, source) : [],
    layers: layers.filter(({ output }) => scored.values.has(output)),
    ...guessed(scores, adoption.classes),
  };
  if (adoption.classes) checkClassifier(adopted, source);
  return adopted;
}
