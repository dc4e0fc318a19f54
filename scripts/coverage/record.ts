import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Relative errors ‖x − reference‖ / ‖reference‖ against float64. */
export interface Errors {
  readonly logits: number;
  readonly gradient: number;
  readonly gradcam: number;
}

/** What `export.py` says of a network. */
export interface Case {
  readonly opset: number;
  /** Width and height of its picture. */
  readonly side: number;
  readonly parameters: number;
  /** The module of torchvision's that Grad-CAM was taken at. */
  readonly layer: string;
  /** Index of the class that was explained. */
  readonly target: number;
  /** PyTorch's version. */
  readonly torch: string;
  /** Of PyTorch in float32. */
  readonly errors: Errors;
}

/** What `measure.ts` says of us. */
export interface Measurement {
  /** The layer that we explain at unless told otherwise. */
  readonly layer: string;
  readonly operators: readonly string[];
  readonly errors: Errors;
  /** Median of forward and input gradient. */
  readonly milliseconds: number;
}

/** What `time.py` says of PyTorch. */
export interface TorchTime {
  /** Median of forward and input gradient. */
  readonly torchMilliseconds: number;
  /** What computes its matrix products. */
  readonly blas: string;
}

/** A line of the table; PyTorch's time is that of the same run, or was not taken. */
export interface Entry extends Measurement, Partial<TorchTime> {
  readonly name: string;
  readonly torch: Case;
}

export function readCase(folder: string): Case {
  return JSON.parse(readFileSync(join(folder, "case.json"), "utf8"));
}
