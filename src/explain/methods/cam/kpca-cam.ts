import { UserError } from "../../../base/errors.ts";
import { int64, tensor } from "../../../base/tensor.ts";
import type { GraphBuilder } from "../../../graph/builder.ts";
import { staticShape, type Value } from "../../../graph/graph.ts";
import * as op from "../../../graph/operators/index.ts";
import { leadingEigenvectors } from "../../cam/leading-eigenvectors.ts";
import { centredPlaces, towards } from "../../cam/principal-maps.ts";
import { activationMaps } from "../../maps.ts";
import type { GraphMethod, Options } from "../../method.ts";
import type { Kernel } from "../../option.ts";

/** Time goes with the cube of the places, memory with the square. */
const MOST_PLACES = 1024;

/**
 * KPCA-CAM, Karmani et al. 2024 (arXiv 2410.00267): Eigen-CAM by a kernel's principal component. Channels are centred first, the
 * kernels are scikit-learn's with γ = 1 / C, and the component is that of the largest eigenvalue, though the sigmoid kernel has
 * negative ones too. Its sign is chosen so that the map goes with the sum of the activations.
 */
export const kpcaCam: GraphMethod<Options<"kernel">> = {
  name: "kpca-cam",
  title: "KPCA-CAM",
  summary: "what the layer tells most of, not in straight lines alone, whatever the target",
  formula:
    "raw = sqrt(l) u, l and u the largest eigenvalue and its eigenvector of K [h*w, h*w], centred; K = tanh(x.y / C + 1) or exp(-|x - y|^2 / C) of the channels of two places, less their means",
  paper: "Karmani et al. 2024, arXiv:2410.00267",
  limits: "Does not look at the target: the map is the same for every class.",
  cost: "1 forward",
  at: "maps",
  sign: "positive",
  options: { kernel: "sigmoid" },
  write(context, { kernel }) {
    const { g, layer } = context;
    const maps = activationMaps(context);
    const [n, , h, w] = staticShape(maps) as [number, number, number, number];
    if (h * w > MOST_PLACES)
      throw new UserError(
        `KPCA-CAM compares every two places, and the layer "${layer.name}" has ${h * w}; choose a layer with at most ${MOST_PLACES}.`,
      );
    const table = centred(g, kernels[kernel](g, centredPlaces(g, maps)));
    const u = leadingEigenvectors(g, semidefinite(g, table));
    const eigenvalue = op.reduceSum(g, op.mul(g, u, op.matMul(g, table, u)), [1], true);
    const map = op.mul(g, u, op.sqrt(g, op.max(g, eigenvalue, float64(g, 0))));
    return towards(g, op.reduceSum(g, maps, [1]), op.reshape(g, map, [n, h, w]));
  },
};

const float64 = (g: GraphBuilder, value: number): Value =>
  g.constant(tensor("float64", [], Float64Array.of(value)));

/** How alike the rows of `[N, P, C]` are, two by two: `[N, P, P]`. */
const kernels: Readonly<Record<Kernel, (g: GraphBuilder, rows: Value) => Value>> = {
  sigmoid: (g, rows) => op.tanh(g, op.add(g, products(g, rows), float64(g, 1))),
  gaussian(g, rows) {
    const inner = products(g, rows);
    const squares = op.div(g, op.reduceSumSquare(g, rows, [2], true), float64(g, channelsOf(rows)));
    const apart = op.add(g, squares, op.transpose(g, squares, [0, 2, 1]));
    return op.exp(g, op.sub(g, op.mul(g, inner, float64(g, 2)), apart));
  },
};

const channelsOf = (rows: Value): number => staticShape(rows)[2]!;

/** `x · y / C` of every two rows. */
function products(g: GraphBuilder, rows: Value): Value {
  const table = op.matMul(g, rows, op.transpose(g, rows, [0, 2, 1]));
  return op.div(g, table, float64(g, channelsOf(rows)));
}

/** Less the means of rows and columns: the kernel of places centred in its own space. */
function centred(g: GraphBuilder, table: Value): Value {
  const half = op.sub(g, table, op.reduceMean(g, table, [2], true));
  return op.sub(g, half, op.reduceMean(g, half, [1], true));
}

/** With all eigenvalues raised by as much as none can lie below zero, the largest sum of a row's magnitudes. */
function semidefinite(g: GraphBuilder, table: Value): Value {
  const [, size] = staticShape(table) as [number, number, number];
  const places = Array.from({ length: size }, (_, at) => at);
  const [rows, columns] = [int64([size, 1], places), int64([1, size], places)];
  const diagonal = op.cast(g, op.equal(g, g.constant(rows), g.constant(columns)), "float64");
  const bound = op.reduceMax(g, op.reduceL1(g, table, [2], true), [1], true);
  return op.add(g, table, op.mul(g, bound, diagonal));
}
