import { float32 } from "../../base/tensor.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { staticShape, type Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import type { FusedBlock } from "../fused.ts";
import { blockFlippedWeights, blockWeights, equals, filled, throughRelu } from "./layout.ts";

/**
 * Adds convolution, ReLU and 2×2 max pooling of a blocked value, and says how the three are differentiated together. The ReLU
 * costs nothing inside the convolution; its gradient commutes with the pool's and is taken there, on a quarter of the elements.
 */
export function convReluPool(
  g: GraphBuilder,
  x: Value,
  w: Value,
  b: Value,
  block: number,
): Omit<FusedBlock, "values"> {
  const activation = op.blockedConv(g, x, blockWeights(g, w, block), b, { activation: { op: "Relu" } });
  const pooled = op.blockedMaxPool(g, activation);
  return {
    inputs: [x, w, b],
    output: pooled,
    gradient(g, dy, needs) {
      const slope = unpool(g, throughRelu(g, dy, pooled), activation, pooled, x, block);
      const [dw, db] = needs[1] || needs[2] ? weightGradient(g, slope, x, w) : [];
      return [needs[0] ? inputGradient(g, slope, w, block) : undefined, dw, db];
    },
  };
}

/**
 * The pool's gradient, spread to where each window had its first maximum, with zeros at right and bottom up to the
 * convolution's input size: the form that both of its gradients want. No indices: each of the four places of the windows is
 * picked out by a convolution and compared with the maximum, and what one place takes the later ones do not get.
 */
function unpool(
  g: GraphBuilder,
  dy: Value,
  activation: Value,
  pooled: Value,
  x: Value,
  block: number,
): Value {
  const [n, o, rows, columns] = staticShape(pooled) as [number, number, number, number];
  const [height, width] = staticShape(x).slice(2) as [number, number];
  const parts: Value[] = [];
  let rest = dy;
  for (let place = 0; place < 3; place++) {
    const values = op.blockedConv(g, activation, pickPlace(g, o, place, block), undefined, {
      strides: [2, 2],
      group: o,
    });
    const taken = op.mul(g, equals(g, values, pooled), rest);
    parts.push(taken);
    rest = op.sub(g, rest, taken);
  }
  parts.push(rest);

  const maps = (n * o) / block;
  const squares = parts.map((part) => op.reshape(g, part, [maps, rows, columns, 1, block]));
  const line = (left: Value, right: Value): Value =>
    op.reshape(g, op.concat(g, [left, right], 3), [maps, rows, 2 * columns * block]);
  const right = width - 2 * columns;
  const margin = right > 0 ? [filled(g, [maps, rows, right * block], 0)] : [];
  const upper = line(squares[0]!, squares[1]!);
  const lower = line(squares[2]!, squares[3]!);
  const pairs = op.concat(g, [upper, ...margin, lower, ...margin], 2);
  const flat = op.reshape(g, pairs, [maps, 2 * rows * width * block]);
  const below = (height - 2 * rows) * width * block;
  const whole = below > 0 ? op.concat(g, [flat, filled(g, [maps, below], 0)], 1) : flat;
  return op.reshape(g, whole, [n, o, height, width]);
}

/** Weights of a depthwise 2×2 convolution that copies one of the four places. */
function pickPlace(g: GraphBuilder, channels: number, place: number, block: number): Value {
  const weights = Float32Array.from({ length: channels * 4 }, (_, i) =>
    Number(Math.floor(i / block) % 4 === place),
  );
  return g.constant(float32([channels, 1, 2, 2], weights));
}

/** The kernel run backwards over the padded slope. */
function inputGradient(g: GraphBuilder, slope: Value, w: Value, block: number): Value {
  const reach = staticShape(w)[2]! - 1;
  return op.blockedConv(g, slope, blockFlippedWeights(g, w, block), undefined, {
    pads: [reach, reach, 0, 0],
  });
}

/**
 * `dW` and `db` from one matrix product an image. Its rows are, for each place of the kernel, a row of filler and the
 * input's channels moved by that place, all laid end to end by a single Concat of whole copies of `x`; what runs over from one
 * channel into the next meets the slope's zeros. The first filler is ones, so that its row sums the slope: the bias's gradient.
 */
function weightGradient(g: GraphBuilder, slope: Value, x: Value, w: Value): [dw: Value, db: Value] {
  const [n, inputs, height, width] = staticShape(x) as [number, number, number, number];
  const [outputs, , kernel] = staticShape(w) as [number, number, number];
  const area = height * width;
  const places = kernel * kernel;
  const copy = op.reshape(g, op.reorderOutput(g, x), [n, inputs * area]);
  const stride = (inputs + 1) * area;
  const pieces: Value[] = [];
  let end = 0;
  const fillTo = (start: number, value: number): void => {
    if (start > end) pieces.push(filled(g, [n, start - end], value));
  };
  for (let place = 0; place < places; place++) {
    const shift = Math.floor(place / kernel) * width + (place % kernel);
    const start = place * stride + area - shift;
    fillTo(start, place === 0 ? 1 : 0);
    pieces.push(copy);
    end = start + inputs * area;
  }
  fillTo(places * stride, 0);
  const rows = op.reshape(g, op.concat(g, pieces, 1), [n, places * (inputs + 1), area]);
  const columns = op.reshape(g, op.reorderOutput(g, slope), [n, outputs, area]);
  const products = op.reduceSum(g, op.fusedMatMul(g, rows, columns, { transB: true }), [0]);
  const table = op.reshape(g, products, [places, inputs + 1, outputs]);
  const filters = op.reshape(g, op.slice(g, table, [1], [1], [inputs + 1]), [places * inputs, outputs]);
  const turned = op.reshape(g, op.transpose(g, filters, [1, 0]), [outputs, places, inputs]);
  const weights = op.transpose(g, turned, [0, 2, 1]);
  return [
    op.reshape(g, weights, staticShape(w)),
    op.reshape(g, op.slice(g, table, [0, 1], [0, 0], [1, 1]), [outputs]),
  ];
}
