import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";

/** Some nodes that are differentiated as one, by a rule that knows more than those of its operators. */
export interface FusedBlock {
  /** The values made inside, by the names of their nodes' first outputs. */
  readonly values: ReadonlySet<string>;
  readonly inputs: readonly Value[];
  readonly output: Value;
  /** The gradient with respect to each input that is needed, from that of the output. */
  gradient(g: GraphBuilder, dy: Value, needs: readonly boolean[]): readonly (Value | undefined)[];
}
