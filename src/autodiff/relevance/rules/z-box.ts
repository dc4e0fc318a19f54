import type { Value } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import { type LayerRule, negative, perUnit, positive } from "../share.ts";

/**
 * The z-rule for inputs within bounds `l ≤ x ≤ h`, `R_i = Σ_j (x_i w_ij − l_i w_ij⁺ − h_i w_ij⁻) / Σ_i (…) R_j` (Montavon et al. 2017);
 * biases have no share.
 * @param low in the shape of `x`
 * @param high in the shape of `x`
 */
export const zBox =
  (low: Value, high: Value): LayerRule =>
  ({ g, x, w, product, adjoint }, r) => {
    const [rising, falling] = [positive(g, w), negative(g, w)];
    const less = (a: Value, b: Value, c: Value): Value => op.sub(g, op.sub(g, a, b), c);
    const z = less(product(x, w), product(low, rising), product(high, falling));
    const s = perUnit(g, r, z);
    const part = (input: Value, weight: Value): Value => op.mul(g, input, adjoint(s, weight));
    return less(part(x, w), part(low, rising), part(high, falling));
  };
