import { BATCH } from "../../model/model.ts";
import type { Exported } from "../format.ts";
import type { KerasModel } from "./keras-model.ts";

/** What a host feeds a model, and what it gets. */
export function ports({ layers, columns }: KerasModel): Pick<Exported, "inputs" | "outputs"> {
  const [input, output] = [layers[0]!, layers.at(-1)!];
  const [, ...extents] = input.config.batch_input_shape as readonly number[];
  return {
    inputs: [{ name: input.name, dtype: "float32", shape: [BATCH, ...extents] }],
    outputs: [{ name: output.name, dtype: "float32", shape: [BATCH, columns] }],
  };
}
