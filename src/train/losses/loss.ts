import type { Tensor } from "../../base/tensor.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";

/** What training makes small, as a graph over logits. */
export interface Loss {
  readonly name: string;
  /** The labels as the loss takes them, for `classes` classes: `[N, 1]` or `[N, K]` float32. */
  targets(labels: ArrayLike<number>, classes: number): Tensor<"float32">;
  /** Mean over the batch, a scalar. */
  mean(g: GraphBuilder, logits: Value, targets: Value): Value;
}
