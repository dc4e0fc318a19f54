import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";

/** What training makes small, as a graph over logits. */
export interface Loss {
  readonly name: string;
  /** The loss of each picture, `[N]`, from its row of logits and the one to aim for (`Task.target`), both `[N, columns]`. */
  each(g: GraphBuilder, logits: Value, targets: Value): Value;
  /**
   * Among how many outcomes the certainty of a target is shared out where labels are smoothed (Szegedy et al. 2016, section 7), in a row of
   * so many columns; undefined for targets that are no certainties.
   */
  outcomes?(columns: number): number;
}
