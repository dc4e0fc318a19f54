import { UserError } from "../base/errors.ts";
import type { Tensor } from "../base/tensor.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors.ts";
import type { TrainingState } from "./state.ts";

const FORMAT = "convscope checkpoint 2";

/** A training state as the bytes of a safetensors file: tensors by name, the rest as JSON in its metadata. */
export function writeCheckpoint({ tensors, ...rest }: TrainingState): Uint8Array {
  return writeSafetensors(tensors, { format: FORMAT, state: JSON.stringify(rest) });
}

/**
 * @param source what to call the file in errors
 * @throws UserError when the bytes are truncated or no checkpoint
 */
export function readCheckpoint(bytes: Uint8Array, source: string): TrainingState {
  const { tensors, metadata } = readSafetensors(bytes, source);
  if (metadata.format !== FORMAT)
    throw new UserError(`${source} is not a checkpoint of this version of convscope; start a new run.`);
  const rest = JSON.parse(metadata.state!) as Omit<TrainingState, "tensors">;
  return { ...rest, tensors: tensors as ReadonlyMap<string, Tensor<"float32">> };
}
