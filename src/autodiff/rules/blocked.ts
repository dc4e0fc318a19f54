import * as op from "../../graph/operators/index.ts";
import type { Ruleset } from "../rule.ts";

/** Changing the layout and changing it back are each other's adjoints. */
export const blocked: Ruleset = {
  "com.microsoft.nchwc.ReorderInput": ({ g, gradients }) => [op.reorderOutput(g, gradients[0]!)],
  "com.microsoft.nchwc.ReorderOutput": ({ g, gradients }) => [op.reorderInput(g, gradients[0]!)],
};
