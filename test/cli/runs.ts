import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bytesOf } from "../../src/base/tensor.ts";
import { readCheckpoint } from "../../src/train/checkpoint.ts";
import type { TrainingState } from "../../src/train/state.ts";
import { desk } from "./convscope.ts";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** The hash of a file in `desk`. */
export const hashOf = (...path: string[]): string => sha256(readFileSync(join(desk, ...path)));

export function lastState(run: string): TrainingState {
  const path = join(desk, run, "checkpoints/last.safetensors");
  return readCheckpoint(readFileSync(path), path);
}

/** All that training made of a run, to the bit; only how long it took is left out. */
export function result(run: string): unknown {
  const { tensors, epoch, step, running, history } = lastState(run);
  return {
    model: hashOf(run, "model.onnx"),
    tensors: [...tensors].map(([name, tensor]) => [name, sha256(bytesOf(tensor))]),
    epoch,
    step,
    running,
    history: history.map(({ seconds: _, ...row }) => row),
  };
}
