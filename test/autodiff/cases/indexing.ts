import { int64, type Tensor } from "../../../src/base/tensor.ts";
import { int, string } from "../../../src/graph/graph.ts";
import { type Draws, operator } from "../finite-differences.ts";
import type { Cases, DrawCase } from "./draws.ts";

const gather: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 4));
  const axis = d.integer(-shape.length, shape.length - 1);
  const extent = shape.at(axis)!;
  const chosen = d.shape(d.integer(0, 2), 1, 3);
  const count = chosen.reduce((product, size) => product * size, 1);
  // Neighbours in a row have a shorter way back; past the last place they are none.
  const first = d.integer(-extent, extent - 1);
  const indices = d.flag()
    ? Array.from({ length: count }, (_, at) => Math.min(first + at, extent - 1))
    : Array.from({ length: count }, () => d.integer(-extent, extent - 1));
  return operator("Gather", [d.values(shape)], {
    constants: { 1: int64(chosen, indices) },
    attributes: d.flag() && axis === 0 ? {} : { axis: int(axis) },
  });
};

/** Indices for the element-wise gathers and scatters: along one axis, the others no longer than `shape`. */
function elementIndices(d: Draws, shape: readonly number[], axis: number, repeated: boolean): Tensor {
  const extent = shape[axis]!;
  const size = shape.map((other, at) =>
    at === axis ? d.integer(1, repeated ? extent + 2 : extent) : d.integer(1, other),
  );
  const after = size.slice(axis + 1).reduce((product, other) => product * other, 1);
  const count = size.reduce((product, other) => product * other, 1);
  const order = d.shuffled(Array.from({ length: extent }, (_, at) => at));
  return int64(
    size,
    Array.from({ length: count }, (_, at) =>
      repeated ? d.integer(-extent, extent - 1) : order[Math.floor(at / after) % size[axis]!]!,
    ),
  );
}

const gatherElements: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 3));
  const axis = d.integer(0, shape.length - 1);
  return operator("GatherElements", [d.values(shape)], {
    constants: { 1: elementIndices(d, shape, axis, true) },
    attributes: { axis: int(axis) },
  });
};

const scatterElements: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 3));
  const axis = d.integer(0, shape.length - 1);
  const add = d.flag();
  const indices = elementIndices(d, shape, axis, add);
  return operator("ScatterElements", [d.values(shape), d.values(indices.shape)], {
    constants: { 1: indices },
    attributes: { axis: int(axis), ...(add ? { reduction: string("add") } : {}) },
  });
};

/** Indices that name places along axes of these extents, from either end. */
function placeIndices(
  d: Draws,
  extents: readonly number[],
  lead: readonly number[],
  repeated: boolean,
): Tensor {
  const places = extents.reduce((product, extent) => product * extent, 1);
  const count = lead.reduce((product, extent) => product * extent, 1);
  const order = d.shuffled(Array.from({ length: places }, (_, at) => at));
  const indices = Array.from({ length: count }, (_, at) => {
    let rest = repeated ? d.integer(0, places - 1) : order[at]!;
    return extents
      .toReversed()
      .map((extent) => {
        const place = rest % extent;
        rest = Math.floor(rest / extent);
        return d.flag() ? place : place - extent;
      })
      .toReversed();
  });
  return int64([...lead, extents.length], indices.flat());
}

const gatherNd: DrawCase = (d) => {
  const shape = d.shape(d.integer(2, 4), 1, 3);
  const batch = d.integer(0, shape.length - 2);
  const named = d.integer(1, shape.length - batch);
  const lead = [...shape.slice(0, batch), ...d.shape(d.integer(0, 2), 1, 3)];
  return operator("GatherND", [d.values(shape)], {
    constants: { 1: placeIndices(d, shape.slice(batch, batch + named), lead, true) },
    attributes: batch > 0 || d.flag() ? { batch_dims: int(batch) } : {},
  });
};

const scatterNd: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 3), 1, 3);
  const named = shape.slice(0, d.integer(1, shape.length));
  const places = named.reduce((product, extent) => product * extent, 1);
  const add = d.flag();
  const lead = [d.integer(1, add ? places + 2 : places)];
  return operator("ScatterND", [d.values(shape), d.values([...lead, ...shape.slice(named.length)])], {
    constants: { 1: placeIndices(d, named, lead, add) },
    attributes: add ? { reduction: string("add") } : d.flag() ? { reduction: string("none") } : {},
  });
};

const topK: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 3));
  const axis = d.integer(-shape.length, shape.length - 1);
  const count = int64([1], [d.integer(1, shape.at(axis)!)]);
  const attributes = {
    ...(axis === -1 ? {} : { axis: int(axis) }),
    ...(d.flag() ? { largest: int(0) } : {}),
    ...(d.flag() ? { sorted: int(0) } : {}),
  };
  return {
    inputs: { x: d.distinct(shape) },
    build: (g, { x }) =>
      g.node({
        op: "TopK",
        inputs: [x, g.constant(count)],
        attributes,
        outputs: [
          { dtype: "float32", shape: undefined },
          { dtype: "int64", shape: undefined },
        ],
      })[0]!,
  };
};

export const indexingCases: Cases = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherNd,
  ScatterElements: scatterElements,
  ScatterND: scatterNd,
  TopK: topK,
};
