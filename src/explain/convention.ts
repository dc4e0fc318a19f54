import type { Tensor } from "../base/tensor.ts";
import type { OptionValues } from "./option.ts";

/** What another library does by default, so that its results and ours can be laid side by side. */
export interface Convention {
  readonly name: string;
  /** The library and its version. */
  readonly library: string;
  /** By the names of methods, what it gives their options where that is not what we give them. */
  readonly options: Readonly<Record<string, Readonly<Partial<OptionValues>>>>;
  /** What `scaled` does, for the record beside it. */
  readonly scaling: string;
  /**
   * The map as the library shows it.
   * @param values raw, of one picture: `[h, w]`, or `[C, h, w]`
   * @returns `[height, width]`
   */
  scaled(values: Tensor<"float32">, height: number, width: number): Tensor<"float32">;
}
