import type { Value } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import { scale } from "../../pointwise.ts";
import { isNonNegative } from "../non-negative.ts";
import { type LayerRule, negative, perUnit, plus, positive } from "../share.ts";

export interface AlphaBetaOptions {
  readonly alpha: number;
  readonly beta: number;
  /** Whether the bias has a share, which it keeps. */
  readonly bias: boolean;
}

/**
 * LRP-αβ: what excites an output and what inhibits it share apart, `R_i = Σ_j (α (x_i w_ij)⁺ / z_j⁺ − β (x_i w_ij)⁻ / z_j⁻) R_j` (Bach et al.
 * 2015, eq. 60). Inputs of either sign are allowed.
 */
export const alphaBeta =
  ({ alpha, beta, bias }: AlphaBetaOptions): LayerRule =>
  ({ g, x, w, b, product, adjoint }, r) => {
    const [above, below] = isNonNegative(g, x) ? [x] : [positive(g, x), negative(g, x)];
    const [rising, falling] = [positive(g, w), negative(g, w)];
    /** Shared among what positive inputs make by `v` and negative ones by `u`. */
    const part = (v: Value, u: Value, offset: Value | undefined): Value => {
      const z = plus(g, product(above!, v), below && product(below, u), offset);
      const s = perUnit(g, r, z);
      return plus(g, op.mul(g, above!, adjoint(s, v)), below && op.mul(g, below, adjoint(s, u)));
    };
    const shared = bias ? b : undefined;
    const excited = part(rising, falling, shared && positive(g, shared));
    if (beta === 0) return scale(g, excited, alpha);
    const inhibited = part(falling, rising, shared && negative(g, shared));
    return op.sub(g, scale(g, excited, alpha), scale(g, inhibited, beta));
  };

/** LRP-z⁺ (Montavon et al. 2017): α = 1 and β = 0, with no share for the bias. */
export const zPlus: LayerRule = alphaBeta({ alpha: 1, beta: 0, bias: false });
