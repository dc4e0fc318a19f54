import type { Tensor } from "../../base/tensor.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";

/** What training makes small, as a graph over logits. */
export interface Loss {
  readonly name: string;
  /**
   * The labels as the loss takes them, for `classes` classes: `[N, 1]` or `[N, K]` float32.
   * @param smoothing the part of the certainty that is shared out among all classes (Szegedy et al. 2016, section 7), 0…1
   */
  targets(labels: ArrayLike<number>, classes: number, smoothing?: number): Tensor<"float32">;
  /** The loss of each picture: `[N]`. */
  each(g: GraphBuilder, logits: Value, targets: Value): Value;
}
