import { float32 } from "../../../base/tensor.ts";
import type { GraphBuilder } from "../../../graph/builder.ts";
import { staticShape, type Value } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import { type LayerRule, perUnit } from "../share.ts";

/** In proportion to weights alone, `R_i = Σ_j v_ij / Σ_i v_ij R_j`, whatever the inputs are; biases have no share. */
const byWeights =
  (weigh: (g: GraphBuilder, w: Value) => Value): LayerRule =>
  ({ g, x, w, product, adjoint }, r) => {
    const v = weigh(g, w);
    return adjoint(perUnit(g, r, product(ones(g, x), v)), v);
  };

const ones = (g: GraphBuilder, like: Value): Value => {
  const shape = staticShape(like);
  const one = g.constant(
    float32(
      shape.map(() => 1),
      [1],
    ),
  );
  return op.expand(g, one, shape);
};

/** In equal parts to all inputs that an output reads (Lapuschkin et al. 2019): `v = 1`. */
export const flat: LayerRule = byWeights(ones);

/** LRP-w² (Montavon et al. 2017, eq. 12): `v = w²`. */
export const wSquare: LayerRule = byWeights((g, w) => op.mul(g, w, w));
