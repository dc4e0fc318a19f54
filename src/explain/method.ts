import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";

/** What a method's graph is written from, for a batch of N. */
export interface MethodContext {
  readonly g: GraphBuilder;
  /** The target layer's activation `[N, C, h, w]`. */
  readonly activation: Value;
  /** Gradient of the target's logit with respect to `activation`, `[N, C, h, w]`. */
  readonly gradient: Value;
}

/** A way to say where the evidence for a class lies in a picture. */
export interface Method {
  readonly name: string;
  /** As papers write it. */
  readonly title: string;
  /** One line for people. */
  readonly summary: string;
  /** What the raw map holds, for the record beside it. */
  readonly formula: string;
  readonly paper: string;
  /** Writes the raw map `[N, h, w]`: signed, unscaled, at the layer's resolution. */
  map(context: MethodContext): Value;
}
