import type { Value } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import { gate, number, scale } from "../../pointwise.ts";
import { isNonNegative } from "../non-negative.ts";
import { type LayerRule, negative, perUnit, plus, positive } from "../share.ts";

/**
 * LRP-γ, `R_i = Σ_j x_i (w_ij + γ w_ij⁺) / Σ_i x_i (w_ij + γ w_ij⁺) R_j` (Montavon et al. 2019, section 10.2.1), for outputs above zero; what
 * favours those below zero is favoured there (Andéol et al. 2021), and so are negative inputs by negative weights. The bias takes part as
 * a weight does, and keeps its share.
 */
export const gamma =
  (value: number): LayerRule =>
  ({ g, x, w, b, y, product, adjoint }, r) => {
    const [above, below] = isNonNegative(g, x) ? [x] : [positive(g, x), negative(g, x)];
    const favour = (v: Value, part: Value): Value => op.add(g, v, scale(g, part, value));
    const [rising, falling] = [favour(w, positive(g, w)), favour(w, negative(g, w))];
    const part = (v: Value, u: Value, offset: Value | undefined, kept: Value): Value => {
      const z = plus(g, product(above!, v), below && product(below, u), offset);
      const s = perUnit(g, gate(g, r, kept), z);
      return plus(g, op.mul(g, above!, adjoint(s, v)), below && op.mul(g, below, adjoint(s, u)));
    };
    const zero = number(g, 0);
    return op.add(
      g,
      part(rising, falling, b && favour(b, positive(g, b)), op.greater(g, y, zero)),
      part(falling, rising, b && favour(b, negative(g, b)), op.less(g, y, zero)),
    );
  };
