import { float32, type Tensor } from "../base/tensor.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import { staticShape, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { scale } from "./pointwise.ts";

/**
 * A linear map along one axis as a dense matrix `[outputs, inputs]`. Pooling by mean, resizing, mirrored padding and sums
 * over neighbouring channels are such maps, one an axis, so their adjoint is a product with the transposed matrix.
 * Dense wins over scattering: the extents are small and the products run at full speed.
 */
export type AxisMap = Tensor<"float32">;

/** The map whose output `o` is `Σ weight · input` over `terms(o)`. */
export function axisMap(
  outputs: number,
  inputs: number,
  terms: (output: number) => Iterable<readonly [input: number, weight: number]>,
): AxisMap {
  const weights = new Float32Array(outputs * inputs);
  for (let output = 0; output < outputs; output++)
    for (const [input, weight] of terms(output)) weights[output * inputs + input]! += weight;
  return float32([outputs, inputs], weights);
}

/** `map · x` along `axis`. */
export function alongAxis(g: GraphBuilder, x: Value, axis: number, map: AxisMap): Value {
  const [outputs, inputs] = map.shape as [number, number];
  const shape = staticShape(x);
  const repeated = repetition(map);
  if (repeated?.count === 1) return scale(g, x, repeated.weight);
  // Measured for 2 copies: half of the product's time, a quarter for large maps.
  if (repeated && repeated.count < 8) {
    const row = op.reshape(g, scale(g, x, repeated.weight), shape.toSpliced(axis + 1, 0, 1));
    const copies = Array.from({ length: repeated.count }, () => row);
    return op.reshape(g, op.concat(g, copies, axis + 1), shape.with(axis, outputs));
  }
  const before = shape.slice(0, axis).reduce((product, extent) => product * extent, 1);
  const after = shape.slice(axis + 1).reduce((product, extent) => product * extent, 1);
  const product =
    after === 1
      ? op.matMul(g, op.reshape(g, x, [before, inputs]), g.constant(transposed(map)))
      : op.matMul(g, g.constant(map), op.reshape(g, x, [before, inputs, after]));
  return op.reshape(
    g,
    product,
    shape.map((extent, at) => (at === axis ? outputs : extent)),
  );
}

/** The map's adjoint. */
export function transposed({ shape, data }: AxisMap): AxisMap {
  const [outputs, inputs] = shape as [number, number];
  return float32(
    [inputs, outputs],
    Float32Array.from(
      { length: data.length },
      (_, at) => data[(at % outputs) * inputs + Math.floor(at / outputs)]!,
    ),
  );
}

/** How many copies of each input follow each other, if the map does no more than that, and what each weighs. */
export function repetition({ shape, data }: AxisMap): { count: number; weight: number } | undefined {
  const [outputs, inputs] = shape as [number, number];
  const [count, weight] = [outputs / inputs, data[0]!];
  const source = (output: number): number => Math.floor(output / count);
  const same = data.every(
    (other, at) => other === (source(Math.floor(at / inputs)) === at % inputs ? weight : 0),
  );
  return Number.isInteger(count) && same ? { count, weight } : undefined;
}
