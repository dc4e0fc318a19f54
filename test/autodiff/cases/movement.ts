import { int64 } from "../../../src/base/tensor.ts";
import { int, ints, string } from "../../../src/graph/graph.ts";
import { operator } from "../finite-differences.ts";
import { broadcasting, type Cases, type DrawCase, someAxes, whole } from "./draws.ts";

const slice: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 4), 1, 6);
  const axes = someAxes(d, shape.length);
  const chosen = axes.length > 0 ? axes : [0];
  const bounds = chosen.map((axis) => {
    const extent = shape.at(axis)!;
    const step = d.pick([1, 1, 2, 3, -1, -2]);
    const [first, last] = [d.integer(0, extent - 1), d.integer(0, extent - 1)].sort((a, b) => a - b) as [
      number,
      number,
    ];
    // From either end, and past the ends; going back to the very first needs a far negative end.
    const from = step > 0 ? first : last;
    const to = step > 0 ? last + 1 : first - 1;
    return {
      start: d.flag() ? from - extent : from === extent - 1 && step < 0 && d.flag() ? from + 10 : from,
      end: to < 0 ? -extent - 5 : to === extent ? extent + d.integer(0, 9) : d.flag() ? to - extent : to,
      step,
    };
  });
  const plain = bounds.every(({ step }) => step === 1);
  const inOrder = chosen.every((axis, at) => axis === at);
  return operator("Slice", [d.values(shape)], {
    constants: {
      1: whole(bounds.map(({ start }) => start)),
      2: whole(bounds.map(({ end }) => end)),
      ...(inOrder && plain && d.flag() ? {} : { 3: whole(chosen) }),
      ...(plain ? {} : { 4: whole(bounds.map(({ step }) => step)) }),
    },
  });
};

/** Pads of all axes or of some, cropping too; wrapped ones since operator set 19. */
const pad: DrawCase = (d) => {
  const mode = d.pick(["constant", "constant", "reflect", "edge", "wrap"]);
  const shape = d.shape(d.integer(1, 4), 4, 7);
  const axes = d.flag() ? someAxes(d, shape.length) : [];
  const padded = axes.length > 0 ? axes : shape.map((_, axis) => axis);
  const pads = [...padded, ...padded].map(() => d.integer(-1, 2));
  const filled = mode === "constant" && d.flag();
  return operator("Pad", [d.values(shape), ...(filled ? [d.values([])] : [])], {
    opset: mode === "wrap" ? 19 : 18,
    constants: {
      1: whole(pads),
      ...(axes.length > 0 ? { ...(filled ? {} : { 2: null }), 3: whole(axes) } : {}),
    },
    attributes: mode === "constant" && d.flag() ? {} : { mode: string(mode) },
  });
};

const trilu: DrawCase = (d) =>
  operator("Trilu", [d.values(d.shape(d.integer(2, 4)))], {
    ...(d.flag() ? { constants: { 1: int64([], [d.integer(-2, 2)]) } } : {}),
    attributes: d.flag() ? { upper: int(d.integer(0, 1)) } : {},
  });

const concat: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 4));
  const axis = d.integer(-shape.length, shape.length - 1);
  const parts = Array.from({ length: d.integer(1, 3) }, () => d.values(shape.with(axis, d.integer(1, 3))));
  return operator("Concat", parts, { attributes: { axis: int(axis) } });
};

const split: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 4));
  const axis = d.integer(-shape.length, shape.length - 1);
  const parts = d.shape(d.integer(1, 3), 1, 3);
  const equal = parts.map(() => parts[0]!);
  const listed = d.flag();
  const extents = listed ? parts : equal;
  return operator(
    "Split",
    [
      d.values(
        shape.with(
          axis,
          extents.reduce((a, b) => a + b),
        ),
      ),
    ],
    {
      outputs: parts.length,
      attributes: { axis: int(axis), ...(listed ? {} : { num_outputs: int(parts.length) }) },
      ...(listed ? { constants: { 1: whole(extents) } } : {}),
    },
  );
};

const reshaping =
  (name: string): DrawCase =>
  (d) => {
    const shape = d.shape(4);
    const flat = shape.reduce((product, extent) => product * extent, 1);
    switch (name) {
      case "Flatten":
        return operator(name, [d.values(shape)], { attributes: { axis: int(d.integer(-4, 4)) } });
      case "Squeeze":
        return operator(
          name,
          [d.values([1, ...shape, 1])],
          d.flag() ? { constants: { 1: whole([-1, 0]) } } : {},
        );
      case "Unsqueeze":
        return operator(name, [d.values(shape)], { constants: { 1: whole(d.pick([[0], [-1, 2], [5, 0]])) } });
      case "Reshape":
        return operator(name, [d.values(shape)], {
          constants: { 1: whole(d.pick([[-1], [0, -1], [flat, 1], [shape[0]!, 0, -1]])) },
        });
      default:
        return operator(name, [d.values(shape)]);
    }
  };

const expand: DrawCase = (d) => {
  const [full, part] = broadcasting(d, 2) as [number[], number[]];
  return operator("Expand", [d.values(part)], { constants: { 1: whole(full) } });
};

const tile: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 4), 1, 3);
  return operator("Tile", [d.values(shape)], { constants: { 1: whole(d.shape(shape.length, 1, 3)) } });
};

const transpose: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 4));
  const permutation = d.shuffled(shape.map((_, axis) => axis));
  return operator("Transpose", [d.values(shape)], {
    attributes: d.flag() ? { perm: ints(permutation) } : {},
  });
};

const depthToSpace: DrawCase = (d) => {
  const [n, c, h, w] = d.shape(4, 1, 3) as [number, number, number, number];
  const block = d.integer(1, 3);
  return operator("DepthToSpace", [d.values([n, c * block ** 2, h, w])], {
    attributes: { blocksize: int(block), ...(d.flag() ? { mode: string(d.pick(["DCR", "CRD"])) } : {}) },
  });
};

const spaceToDepth: DrawCase = (d) => {
  const [n, c, h, w] = d.shape(4, 1, 3) as [number, number, number, number];
  const block = d.integer(1, 3);
  return operator("SpaceToDepth", [d.values([n, c, h * block, w * block])], {
    attributes: { blocksize: int(block) },
  });
};

export const movementCases: Cases = {
  Concat: concat,
  DepthToSpace: depthToSpace,
  Expand: expand,
  Flatten: reshaping("Flatten"),
  Pad: pad,
  Reshape: reshaping("Reshape"),
  Slice: slice,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Squeeze: reshaping("Squeeze"),
  Tile: tile,
  Transpose: transpose,
  Trilu: trilu,
  Unsqueeze: reshaping("Unsqueeze"),
};
