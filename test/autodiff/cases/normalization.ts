import { float32 } from "../../../src/base/tensor.ts";
import { float, int, ints } from "../../../src/graph/graph.ts";
import { operator } from "../finite-differences.ts";
import { awayFromZero, type Cases, type DrawCase, someAxes } from "./draws.ts";

/** With stored statistics, or in training mode with those of the batch and running ones as outputs. */
const batchNormalization: DrawCase = (d) => {
  const shape = d.shape(d.integer(2, 5));
  const channel = [shape[1]!];
  const training = d.flag();
  return operator(
    "BatchNormalization",
    [
      d.values(shape),
      d.values(channel),
      d.values(channel),
      d.values(channel),
      d.values(channel, { low: 0.5, high: 2 }),
    ],
    {
      outputs: training ? 3 : 1,
      attributes: {
        ...(training || d.flag() ? { epsilon: float(0.1) } : {}),
        ...(training ? { training_mode: int(1) } : {}),
        ...(d.flag() ? { momentum: float(0.6) } : {}),
      },
    },
  );
};

/** With the mean and the inverse deviation as outputs, or without. */
const layerNormalization: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 4), 2, 4);
  const axis = d.integer(-shape.length, shape.length - 1);
  const inner = shape.slice(axis);
  return operator(
    "LayerNormalization",
    [d.values(shape), d.values(inner), ...(d.flag() ? [d.values(inner)] : [])],
    {
      outputs: d.pick([1, 3]),
      attributes: { ...(axis === -1 ? {} : { axis: int(axis) }), epsilon: float(0.1) },
    },
  );
};

const rootMeanSquareNormalization =
  (name: string, opset: number, outputs: readonly number[]): DrawCase =>
  (d) => {
    const shape = d.shape(d.integer(1, 4), 2, 4);
    const axis = d.integer(-shape.length, shape.length - 1);
    return operator(name, [d.values(shape), d.values(shape.slice(axis))], {
      opset,
      outputs: d.pick(outputs),
      attributes: { ...(axis === -1 ? {} : { axis: int(axis) }), epsilon: float(0.1) },
    });
  };

/** Of the sum alone too, which is the fourth output. */
const skipNormalization =
  (name: string, biases: number): DrawCase =>
  (d) => {
    const [n, tokens, width] = d.shape(3, 1, 4) as [number, number, number];
    const shape = [n, tokens, width];
    const present = d.integer(0, biases);
    const inputs = {
      input: d.values(shape),
      skip: d.values(d.pick([shape, [1, tokens, width], [tokens, width]])),
      scale: d.values([width]),
      ...Object.fromEntries(Array.from({ length: present }, (_, at) => [`bias${at}`, d.values([width])])),
    };
    return {
      inputs,
      build(g, values) {
        const made = g.node({
          op: name,
          domain: "com.microsoft",
          inputs: Object.values(values),
          attributes: { epsilon: float(0.1) },
          outputs: Array.from({ length: 4 }, () => ({ dtype: "float32", shape: undefined })),
        });
        return [made[0]!, made[3]!];
      },
    };
  };

/** One scale and bias a group before operator set 21, one a channel since. */
const groupNormalization: DrawCase = (d) => {
  const [batch, groups, each] = d.shape(3, 1, 3) as [number, number, number];
  const opset = d.pick([18, 21]);
  const elements = [opset < 21 ? groups : groups * each];
  const shape = [batch, groups * each, ...d.shape(d.integer(1, 2), 2, 3)];
  return operator("GroupNormalization", [d.values(shape), d.values(elements), d.values(elements)], {
    opset,
    attributes: { num_groups: int(groups), epsilon: float(0.1) },
  });
};

/** Enough of them and far enough apart that the variance is not small. */
const meanVarianceNormalization: DrawCase = (d) => {
  const shape = d.shape(4, 3, 4);
  const spread = d.distinct(shape);
  const axes = someAxes(d, 4);
  return operator(
    "MeanVarianceNormalization",
    [
      float32(
        shape,
        spread.data.map((value) => 8 * value),
      ),
    ],
    { attributes: axes.length > 0 ? { axes: ints(axes) } : {} },
  );
};

const lpNormalization: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 4));
  const axis = d.integer(-shape.length, shape.length - 1);
  return operator("LpNormalization", [d.values(shape, awayFromZero)], {
    attributes: {
      ...(axis === -1 ? {} : { axis: int(axis) }),
      ...(d.flag() ? { p: int(d.integer(1, 2)) } : {}),
    },
  });
};

const instanceNormalization: DrawCase = (d) => {
  const shape = [...d.shape(2), ...d.shape(d.integer(1, 2), 2, 4)];
  const channel = [shape[1]!];
  return operator("InstanceNormalization", [d.values(shape), d.values(channel), d.values(channel)], {
    attributes: { epsilon: float(0.1) },
  });
};

const localResponse: DrawCase = (d) =>
  operator("LRN", [d.values([d.integer(1, 2), d.integer(1, 6), ...d.shape(2, 1, 3)])], {
    attributes: {
      // ONNX Runtime takes odd sizes only.
      size: int(d.pick([1, 3, 5])),
      ...(d.flag() ? { alpha: float(0.5), beta: float(0.6), bias: float(2) } : {}),
    },
  });

export const normalizationCases: Cases = {
  BatchNormalization: batchNormalization,
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  LRN: localResponse,
  LayerNormalization: layerNormalization,
  LpNormalization: lpNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
  RMSNormalization: rootMeanSquareNormalization("RMSNormalization", 23, [1]),
  SimplifiedLayerNormalization: rootMeanSquareNormalization("SimplifiedLayerNormalization", 18, [1, 2]),
  "com.microsoft.SkipLayerNormalization": skipNormalization("SkipLayerNormalization", 2),
  "com.microsoft.SkipSimplifiedLayerNormalization": skipNormalization("SkipSimplifiedLayerNormalization", 1),
};
