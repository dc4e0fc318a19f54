import { float32 } from "../../../base/tensor.ts";
import type { GraphBuilder } from "../../../graph/builder.ts";
import { staticShape, type Value } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import type { GraphMethod, Options } from "../../method.ts";

/** Sobel's kernels along rows and columns. */
const ACROSS = [-1, 0, 1, -2, 0, 2, -1, 0, 1];
const DOWN = [-1, -2, -1, 0, 0, 0, 1, 2, 1];

/** The picture's own edges. Its grey is the mean of the channels as the network takes them; beyond its rim the rim goes on. */
export const edges: GraphMethod<Options<never>> = {
  name: "edges",
  title: "Edges",
  summary: "where the picture changes, whatever the network: what looks like an explanation and is none",
  formula: "raw = sqrt(s_x^2 + s_y^2), Sobel's s of the mean over channels",
  paper: "Adebayo et al. 2018, arXiv:1810.03292, section 4; a control",
  limits: "It never asks the network. A map that looks like it may follow the picture, not the network.",
  cost: "none",
  at: "input",
  sign: "positive",
  options: {},
  write({ g, input }) {
    const [n, , height, width] = staticShape(input) as [number, number, number, number];
    const grey = op.reduceMean(g, input, [1], true);
    const kernels = g.constant(float32([2, 1, 3, 3], [...ACROSS, ...DOWN]));
    const slopes = op.conv(g, rimmed(g, rimmed(g, grey, 2), 3), kernels);
    const squares = op.reduceSum(g, op.mul(g, slopes, slopes), [1]);
    return op.reshape(g, op.sqrt(g, squares), [n, height, width]);
  },
};

/** With its first and last place along `axis` once more. */
function rimmed(g: GraphBuilder, x: Value, axis: number): Value {
  const extent = staticShape(x)[axis]!;
  const place = (at: number): Value => op.slice(g, x, [axis], [at], [at + 1]);
  return op.concat(g, [place(0), x, place(extent - 1)], axis);
}
