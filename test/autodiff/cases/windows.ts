import { float32, int64 } from "../../../src/base/tensor.ts";
import { floats, int, ints, string } from "../../../src/graph/graph.ts";
import * as op from "../../../src/graph/operators/index.ts";
import { operator } from "../finite-differences.ts";
import { awayFromZero, type Cases, type DrawCase, fusible, sliding, whole } from "./draws.ts";

const conv: DrawCase = (d) => {
  const { extents, kernel, attributes } = sliding(d);
  const group = d.integer(1, 3);
  const [per, filters] = [d.integer(1, 2), group * d.integer(1, 2)];
  return operator(
    "Conv",
    [
      d.values([d.integer(1, 2), group * per, ...extents]),
      d.values([filters, per, ...kernel]),
      ...(d.flag() ? [d.values([filters])] : []),
    ],
    { attributes: { ...attributes, ...(group > 1 ? { group: int(group) } : {}) } },
  );
};

const convTranspose: DrawCase = (d) => {
  const rank = d.pick([1, 2, 2, 2, 3]);
  const kernel = d.shape(rank, 1, 3);
  const strides = d.shape(rank, 1, 3);
  const dilations = d.shape(rank, 1, 2);
  const reach = kernel.map((size, axis) => (size - 1) * dilations[axis]! + 1);
  const pads = [...reach, ...reach].map((size) => d.integer(0, Math.min(1, size - 1)));
  const group = d.integer(1, 2);
  const channels = group * d.integer(1, 2);
  const filters = d.integer(1, 2);
  const extents = d.shape(rank, 2, 4);
  const way = d.pick(["pads", "pads", "output_shape", "SAME_UPPER", "SAME_LOWER", "VALID"]);
  const full = extents.map((extent, axis) => (extent - 1) * strides[axis]! + reach[axis]!);
  return operator(
    "ConvTranspose",
    [
      d.values([d.integer(1, 2), channels, ...extents]),
      d.values([channels, filters, ...kernel]),
      ...(d.flag() ? [d.values([group * filters])] : []),
    ],
    {
      attributes: {
        kernel_shape: ints(kernel),
        strides: ints(strides),
        dilations: ints(dilations),
        group: int(group),
        ...(way === "pads"
          ? { pads: ints(pads), output_padding: ints(strides.map((stride) => d.integer(0, stride - 1))) }
          : way === "output_shape"
            ? { output_shape: ints(full.map((extent) => extent - d.integer(0, 1))) }
            : { auto_pad: string(way) }),
      },
    },
  );
};

const maxPool: DrawCase = (d) => {
  const { extents, attributes } = sliding(d);
  const ceil = d.flag() && !attributes.auto_pad;
  return operator("MaxPool", [d.distinct([...d.shape(2, 1, 2), ...extents])], {
    attributes: { ...attributes, ...(ceil ? { ceil_mode: int(1) } : {}) },
  });
};

/** Since operator set 19 an average has dilations too. */
const averagePool: DrawCase = (d) => {
  const dilated = d.flag();
  const { extents, attributes } = sliding(d, { dilated });
  const ceil = d.flag() && !attributes.auto_pad;
  return operator("AveragePool", [d.values([...d.shape(2, 1, 2), ...extents])], {
    opset: dilated ? 19 : 18,
    attributes: {
      ...attributes,
      ...(ceil ? { ceil_mode: int(1) } : {}),
      ...(d.flag() ? { count_include_pad: int(1) } : {}),
    },
  });
};

const lpPool: DrawCase = (d) => {
  const { extents, kernel, strides, attributes } = sliding(d);
  // ONNX Runtime contradicts itself about a last window that would begin past the end.
  const reaching = strides.every((stride, axis) => stride <= kernel[axis]!);
  const ceil = d.flag() && !attributes.auto_pad && !attributes.pads && reaching;
  return operator("LpPool", [d.values([...d.shape(2, 1, 2), ...extents], awayFromZero)], {
    attributes: {
      ...attributes,
      ...(ceil ? { ceil_mode: int(1) } : {}),
      ...(d.flag() ? { p: int(d.integer(1, 4)) } : {}),
    },
  });
};

const globalLpPool: DrawCase = (d) =>
  operator("GlobalLpPool", [d.values(d.shape(d.integer(3, 5), 1, 3), awayFromZero)], {
    // ONNX Runtime has none of the later sets.
    opset: 21,
    attributes: d.flag() ? { p: int(d.integer(1, 4)) } : {},
  });

const maxUnpool: DrawCase = (d) => {
  const [n, c, h, w] = d.shape(4, 1, 3) as [number, number, number, number];
  const shape = [n, c, 2 * h, 2 * w];
  const places = d.shuffled(Array.from({ length: 4 * n * c * h * w }, (_, at) => at));
  return operator("MaxUnpool", [d.values([n, c, h, w])], {
    constants: { 1: int64([n, c, h, w], places.slice(0, n * c * h * w)), 2: whole(shape) },
    attributes: { kernel_shape: ints([2, 2]), strides: ints([2, 2]) },
  });
};

/** There and back: a blocked value cannot be an output. */
const reordered: DrawCase = (d) => ({
  inputs: { x: d.values([d.integer(1, 2), 16 * d.integer(1, 2), ...d.shape(2)]) },
  build: (g, { x }) => op.reorderOutput(g, op.reorderInput(g, x!)),
});

/** With biases so large that no sum comes near a kink, and a tensor to add or none. */
const fusedConv: DrawCase = (d) => {
  const kernel = d.shape(2, 1, 2);
  const [h, w] = d.shape(2, 1, 3) as [number, number];
  const small = { low: -0.2, high: 0.2 };
  const batch = d.integer(1, 2);
  const [name, parameters] = d.pick(fusible);
  const added = d.flag() ? [d.values([batch, 2, h, w], small)] : [];
  return operator(
    "FusedConv",
    [
      d.values([batch, 1, h + kernel[0]! - 1, w + kernel[1]! - 1], small),
      d.values([2, 1, ...kernel], small),
      float32([2], [1.2, -1.2]),
      ...added,
    ],
    {
      domain: "com.microsoft",
      attributes: {
        activation: string(name),
        ...(parameters.length > 0 ? { activation_params: floats(parameters) } : {}),
      },
    },
  );
};

export const windowCases: Cases = {
  AveragePool: averagePool,
  Conv: conv,
  ConvTranspose: convTranspose,
  GlobalAveragePool: (d) => operator("GlobalAveragePool", [d.values(d.shape(d.integer(3, 5)))]),
  GlobalLpPool: globalLpPool,
  GlobalMaxPool: (d) => operator("GlobalMaxPool", [d.distinct(d.shape(d.integer(3, 5)))]),
  LpPool: lpPool,
  MaxPool: maxPool,
  MaxUnpool: maxUnpool,
  "com.microsoft.FusedConv": fusedConv,
  "com.microsoft.nchwc.ReorderInput": reordered,
  "com.microsoft.nchwc.ReorderOutput": reordered,
};
