import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import { number, pointwise } from "../pointwise.ts";
import type { Ruleset } from "../rule.ts";

/** `1 − x²` as `(1 − x)(1 + x)`, which keeps its digits where x is near ±1. */
const oneMinusSquare = (g: GraphBuilder, x: Value): Value =>
  op.mul(g, op.sub(g, number(g, 1), x), op.add(g, number(g, 1), x));

/** `1 + x²` */
const onePlusSquare = (g: GraphBuilder, x: Value): Value => op.add(g, number(g, 1), op.mul(g, x, x));

export const trigonometry: Ruleset = {
  Sin: pointwise((g, dy, x) => op.mul(g, dy, op.cos(g, x))),
  Cos: pointwise((g, dy, x) => op.neg(g, op.mul(g, dy, op.sin(g, x)))),
  Tan: pointwise((g, dy, _x, y) => op.mul(g, dy, onePlusSquare(g, y))),
  Asin: pointwise((g, dy, x) => op.div(g, dy, op.sqrt(g, oneMinusSquare(g, x)))),
  Acos: pointwise((g, dy, x) => op.neg(g, op.div(g, dy, op.sqrt(g, oneMinusSquare(g, x))))),
  Atan: pointwise((g, dy, x) => op.div(g, dy, onePlusSquare(g, x))),
  Sinh: pointwise((g, dy, x) => op.mul(g, dy, op.cosh(g, x))),
  Cosh: pointwise((g, dy, x) => op.mul(g, dy, op.sinh(g, x))),
  Asinh: pointwise((g, dy, x) => op.div(g, dy, op.sqrt(g, onePlusSquare(g, x)))),
  // 1 / √(x² − 1)
  Acosh: pointwise((g, dy, x) => op.div(g, dy, op.sqrt(g, op.neg(g, oneMinusSquare(g, x))))),
  Atanh: pointwise((g, dy, x) => op.div(g, dy, oneMinusSquare(g, x))),
};
