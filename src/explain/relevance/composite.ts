import type { LinearLayer } from "../../autodiff/relevance/linear-layer.ts";
import { alphaBeta } from "../../autodiff/relevance/rules/alpha-beta.ts";
import { epsilon } from "../../autodiff/relevance/rules/epsilon.ts";
import type { LayerRule } from "../../autodiff/relevance/share.ts";
import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import type { GraphContext, Options } from "../method.ts";

/** Which rule a layer goes by. */
export type RuleOf = (layer: LinearLayer) => LayerRule;

/**
 * A rule for convolutions and one for dense layers. Batch normalization that stands alone goes by the z-rule: each of its outputs is made of
 * one input, so that no rule can favour one.
 */
export const byKind =
  (rules: Readonly<Record<"convolution" | "dense", LayerRule>>): RuleOf =>
  ({ kind }) =>
    kind === "scaling" ? epsilon(0) : rules[kind];

/** The same rule for convolutions and dense layers. */
export const everywhere = (rule: LayerRule): RuleOf => byKind({ convolution: rule, dense: rule });

/** Another rule for the layers that see the picture. */
export const withFirst =
  (first: RuleOf, others: RuleOf): RuleOf =>
  (layer) =>
    layer.first ? first(layer) : others(layer);

/** The score as relevance of what is explained, in its shape: each element has its own part. */
export const scoreParts = ({ g, explained, seed }: GraphContext): Value => op.mul(g, explained, seed);

/** LRP-ε at dense layers, LRP-αβ at convolutions, where biases have their share: the composites of Kohlbrenner et al. 2020, and the presets. */
export const epsilonAndAlphaBeta = (
  context: GraphContext,
  { alpha, beta, epsilon: value }: Options<"alpha" | "beta" | "epsilon">,
): Value =>
  context.relevance(
    scoreParts(context),
    byKind({ convolution: alphaBeta({ alpha, beta, bias: true }), dense: epsilon(value) }),
  );
