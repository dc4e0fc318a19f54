import type { Engine, Tensors } from "../../engine/engine.ts";
import type { SavedKerasModel } from "../../formats/keras/saved-model.ts";
import { extract, specialize } from "../../graph/graph.ts";
import { adoptKeras } from "../../model/adopt-keras.ts";
import { BATCH } from "../../model/model.ts";
import { toBatch } from "../../model/predict.ts";
import type { Image } from "../../model/preprocessing.ts";
import { taskOf } from "../../model/tasks/index.ts";

/** What a model of ours that was read gives for an image, under the name of the network's output that it has. */
export async function runKeras(saved: SavedKerasModel, image: Image, engine: Engine): Promise<Tensors> {
  const { graph, input, ...network } = adoptKeras(saved, "the exported model");
  const given = extract(graph, [taskOf(network).output]);
  const program = await engine.compile(specialize(given, { [BATCH]: 1 }));
  return program.run({ [input.name]: toBatch(input, image) }).finally(() => program.dispose());
}
