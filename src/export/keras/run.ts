import { float32 } from "../../base/tensor.ts";
import type { Engine, Tensors } from "../../engine/engine.ts";
import { kerasGraph } from "../../formats/keras/graph/keras-graph.ts";
import type { SavedKerasModel } from "../../formats/keras/saved-model.ts";
import { specialize } from "../../graph/graph.ts";
import { BATCH } from "../../model/model.ts";
import { toBatch } from "../../model/predict.ts";
import type { Image } from "../../model/preprocessing.ts";
import { taskOf } from "../../model/tasks/index.ts";
import type { Description } from "./description.ts";

/** What a model that was read gives for an image, under the name of the network's output; of two classes both probabilities. */
export async function runKeras(
  saved: SavedKerasModel,
  description: Description,
  image: Image,
  engine: Engine,
): Promise<Tensors> {
  const { input, classes } = description;
  const { graph } = kerasGraph(saved, "the exported model", input.width);
  const program = await engine.compile(specialize(graph, { [BATCH]: 1 }));
  const [taken, given] = [graph.inputs[0]!.name, graph.outputs[0]!.name];
  const results = await program.run({ [taken]: toBatch(input, image) }).finally(() => program.dispose());
  const numbers = [...(results[given]!.data as Float32Array)];
  const [second] = numbers as [number];
  const whole = numbers.length === 1 && classes.length === 2 ? [1 - second, second] : numbers;
  return { [taskOf(description).output]: float32([1, whole.length], whole) };
}
