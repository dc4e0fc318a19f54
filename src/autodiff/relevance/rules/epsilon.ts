import * as op from "../../../graph/operators/index.ts";
import { type LayerRule, perUnit } from "../share.ts";

/**
 * LRP-ε, `R_i = Σ_j x_i w_ij / (z_j + ε sign z_j) R_j`, `z = x ∗ w + b` (Bach et al. 2015, eq. 58); LRP-z, eq. 56, for ε = 0. The bias has its
 * share of `z`, and keeps it.
 */
export const epsilon =
  (value: number): LayerRule =>
  ({ g, x, w, y, adjoint }, r) =>
    op.mul(g, x, adjoint(perUnit(g, r, y, value), w));
