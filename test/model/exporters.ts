import { random } from "../../src/base/random.ts";
import { float32, int64, type Tensor } from "../../src/base/tensor.ts";
import { float, floats, int, ints, string } from "../../src/graph/graph.ts";
import { codes, type ForeignAttribute, type ForeignNode } from "../graph/onnx-file.ts";

const [H, W, CHANNELS, CLASSES] = [12, 10, 4, 3];

function values(seed: string, shape: readonly number[], low = -1, high = 1): Tensor<"float32"> {
  const source = random(1, seed);
  const size = shape.reduce((a, b) => a * b, 1);
  return float32(
    shape,
    Float32Array.from({ length: size }, () => source.uniform(low, high)),
  );
}

const transposed = ({ shape: [rows, columns], data }: Tensor<"float32">): Tensor<"float32"> =>
  float32(
    [columns!, rows!],
    data.map((_, at) => data[(at % rows!) * columns! + Math.floor(at / rows!)]!),
  );

const weights = {
  kernel: values("kernel", [CHANNELS, 3, 3, 3]),
  scale: values("scale", [CHANNELS], 2, 6),
  shift: values("shift", [CHANNELS]),
  mean: values("mean", [CHANNELS]),
  variance: values("variance", [CHANNELS], 0.5, 1.5),
  depthwise: values("depthwise", [CHANNELS, 1, 3, 3]),
  bias: values("bias", [CHANNELS]),
  dense: values("dense", [CLASSES, CHANNELS]),
  offset: values("offset", [CLASSES]),
};
export const picture: Tensor<"float32"> = values("picture", [1, 3, H, W]);

/** How a program writes one and the same network: convolution, normalization, ReLU6, pool, depthwise convolution, mean, dense layer. */
export interface Exporter {
  readonly opset: number;
  readonly channelsLast?: boolean;
  /** Weights stand among the inputs too, as they had to before version 4 of the format. */
  readonly listed?: boolean;
  readonly nodes: readonly ForeignNode[];
  readonly constants: Readonly<Record<string, Tensor>>;
  /** What the layer to explain at is called. */
  readonly layer: string;
}

const window = (size: number, pad: number, stride = 1): Readonly<Record<string, ForeignAttribute>> => ({
  kernel_shape: ints([size, size]),
  pads: ints([pad, pad, pad, pad]),
  strides: ints([stride, stride]),
});
const epsilon = { epsilon: float(1e-3) };

function named(prefixes: readonly [string, string, string, string], roles: readonly string[]) {
  const [conv, norm, depthwise, dense] = prefixes;
  const [kernel, bias, gamma, beta, mean, variance] = roles;
  return {
    kernel: `${conv}${kernel}`,
    scale: `${norm}${gamma}`,
    shift: `${norm}${beta}`,
    mean: `${norm}${mean}`,
    variance: `${norm}${variance}`,
    depthwise: `${depthwise}${kernel}`,
    bias: `${depthwise}${bias}`,
    dense: `${dense}${kernel}`,
    offset: `${dense}${bias}`,
  };
}

type Names = ReturnType<typeof named>;

const called = (names: Names, changed: Partial<typeof weights> = {}): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries({ ...weights, ...changed }).map(([role, tensor]) => [names[role as keyof Names], tensor]),
  );

const normalization = (n: Names): string[] => [n.scale, n.shift, n.mean, n.variance];

/** Torch's words, which MXNet and Caffe2 share but for their places. */
const torchRoles = [".weight", ".bias", ".weight", ".bias", ".running_mean", ".running_var"];
const kerasRoles = ["/kernel:0", "/bias:0", "/gamma:0", "/beta:0", "/moving_mean:0", "/moving_variance:0"];
const mxnetRoles = ["_weight", "_bias", "_gamma", "_beta", "_running_mean", "_running_var"];
const caffeRoles = ["_w_0", "_b_0", "_s_0", "_b_0", "_rm_0", "_riv_0"];

const torch = named(["features.0", "features.1", "features.4", "classifier.1"], torchRoles);
const tf = named(["net/conv/Conv2D", "net/bn", "net/dw", "net/probs"], kerasRoles);
const keras = named(["conv1", "bn1", "dw1", "predictions"], kerasRoles);
const mxnet = named(["conv0", "batchnorm0", "conv1", "dense0"], mxnetRoles);
const caffe = named(["conv1", "bn1", "dw", "fc"], caffeRoles);
const group = { group: int(CHANNELS) };

export const exporters: Readonly<Record<string, Exporter>> = {
  PyTorch: {
    opset: 17,
    constants: { ...called(torch), low: float32([], [0]), high: float32([], [6]) },
    layer: "features.4",
    nodes: [
      {
        op: "Conv",
        inputs: ["x", torch.kernel],
        outputs: ["1"],
        attributes: { ...window(3, 1), group: int(1) },
      },
      {
        op: "BatchNormalization",
        inputs: ["1", ...normalization(torch)],
        outputs: ["2"],
        attributes: { ...epsilon, momentum: float(0.9), training_mode: int(0) },
      },
      { op: "Clip", inputs: ["2", "low", "high"], outputs: ["3"] },
      { op: "MaxPool", inputs: ["3"], outputs: ["4"], attributes: { ...window(2, 0, 2), ceil_mode: int(0) } },
      {
        op: "Conv",
        inputs: ["4", torch.depthwise, torch.bias],
        outputs: ["5"],
        attributes: { ...window(3, 1), ...group },
      },
      { op: "GlobalAveragePool", inputs: ["5"], outputs: ["6"] },
      { op: "Flatten", inputs: ["6"], outputs: ["7"], attributes: { axis: int(1) } },
      {
        op: "Gemm",
        inputs: ["7", torch.dense, torch.offset],
        outputs: ["y"],
        attributes: { transB: int(1) },
      },
    ],
  },
  // Extents found while the graph runs, ReLU6 as a maximum and a minimum, the mean as a reduction.
  tf2onnx: {
    opset: 11,
    channelsLast: true,
    constants: {
      ...called(tf, { dense: transposed(weights.dense) }),
      zero: float32([], [0]),
      six: float32([], [6]),
      first: int64([1], [0]),
      second: int64([1], [1]),
      rest: int64([1], [CHANNELS]),
    },
    layer: "net/dw",
    nodes: [
      { op: "Transpose", inputs: ["x"], outputs: ["net/t:0"], attributes: { perm: ints([0, 3, 1, 2]) } },
      {
        op: "Conv",
        inputs: ["net/t:0", tf.kernel],
        outputs: ["net/conv/Conv2D:0"],
        attributes: { auto_pad: string("SAME_UPPER"), kernel_shape: ints([3, 3]), strides: ints([1, 1]) },
      },
      {
        op: "BatchNormalization",
        inputs: ["net/conv/Conv2D:0", ...normalization(tf)],
        outputs: ["net/bn/FusedBatchNormV3:0"],
        attributes: epsilon,
      },
      { op: "Max", inputs: ["net/bn/FusedBatchNormV3:0", "zero"], outputs: ["net/relu6/max:0"] },
      { op: "Min", inputs: ["net/relu6/max:0", "six"], outputs: ["net/relu6/Relu6:0"] },
      {
        op: "MaxPool",
        inputs: ["net/relu6/Relu6:0"],
        outputs: ["net/pool/MaxPool:0"],
        attributes: { auto_pad: string("VALID"), kernel_shape: ints([2, 2]), strides: ints([2, 2]) },
      },
      {
        op: "Conv",
        inputs: ["net/pool/MaxPool:0", tf.depthwise, tf.bias],
        outputs: ["net/dw/BiasAdd:0"],
        attributes: { auto_pad: string("SAME_UPPER"), kernel_shape: ints([3, 3]), ...group },
      },
      {
        op: "ReduceMean",
        inputs: ["net/dw/BiasAdd:0"],
        outputs: ["net/mean/Mean:0"],
        attributes: { axes: ints([2, 3]), keepdims: int(0) },
      },
      { op: "Shape", inputs: ["net/mean/Mean:0"], outputs: ["net/shape:0"] },
      {
        op: "Slice",
        inputs: ["net/shape:0", "first", "second"],
        outputs: ["net/batch:0"],
      },
      {
        op: "Concat",
        inputs: ["net/batch:0", "rest"],
        outputs: ["net/rows:0"],
        attributes: { axis: int(0) },
      },
      {
        op: "Cast",
        inputs: ["net/rows:0"],
        outputs: ["net/extents:0"],
        attributes: { to: int(codes.int64) },
      },
      { op: "Reshape", inputs: ["net/mean/Mean:0", "net/extents:0"], outputs: ["net/flat/Reshape:0"] },
      { op: "MatMul", inputs: ["net/flat/Reshape:0", tf.dense], outputs: ["net/probs/MatMul:0"] },
      { op: "Add", inputs: ["net/probs/MatMul:0", tf.offset], outputs: ["net/probs/BiasAdd:0"] },
      { op: "Softmax", inputs: ["net/probs/BiasAdd:0"], outputs: ["y"], attributes: { axis: int(1) } },
    ],
  },
  // There and back between layouts at each layer, bounds as attributes, a squeeze by axes.
  keras2onnx: {
    opset: 9,
    channelsLast: true,
    constants: called(keras, { dense: transposed(weights.dense) }),
    layer: "dw1",
    nodes: [
      { op: "Transpose", inputs: ["x"], outputs: ["in"], attributes: { perm: ints([0, 3, 1, 2]) } },
      { op: "Conv", inputs: ["in", keras.kernel], outputs: ["conv"], attributes: window(3, 1) },
      { op: "Transpose", inputs: ["conv"], outputs: ["conv1"], attributes: { perm: ints([0, 2, 3, 1]) } },
      { op: "Transpose", inputs: ["conv1"], outputs: ["to"], attributes: { perm: ints([0, 3, 1, 2]) } },
      {
        op: "BatchNormalization",
        inputs: ["to", ...normalization(keras)],
        outputs: ["bn"],
        attributes: { ...epsilon, momentum: float(0.99) },
      },
      { op: "Clip", inputs: ["bn"], outputs: ["relu6"], attributes: { min: float(0), max: float(6) } },
      {
        op: "MaxPool",
        inputs: ["relu6"],
        outputs: ["pool"],
        attributes: { ...window(2, 0, 2), storage_order: int(0) },
      },
      {
        op: "Conv",
        inputs: ["pool", keras.depthwise, keras.bias],
        outputs: ["dw"],
        attributes: { ...window(3, 1), ...group },
      },
      { op: "Dropout", inputs: ["dw"], outputs: ["dropped"], attributes: { ratio: float(0.5) } },
      { op: "GlobalAveragePool", inputs: ["dropped"], outputs: ["mean"] },
      { op: "Squeeze", inputs: ["mean"], outputs: ["flat"], attributes: { axes: ints([2, 3]) } },
      { op: "MatMul", inputs: ["flat", keras.dense], outputs: ["dense"] },
      { op: "Add", inputs: ["dense", keras.offset], outputs: ["scores"] },
      { op: "Softmax", inputs: ["scores"], outputs: ["y"], attributes: { axis: int(-1) } },
    ],
  },
  // Normalization that says whether places share statistics, two more outputs of Dropout, weights among the inputs.
  MXNet: {
    opset: 8,
    listed: true,
    constants: called(mxnet),
    layer: "conv1",
    nodes: [
      {
        op: "Conv",
        inputs: ["x", mxnet.kernel],
        outputs: ["conv0_fwd"],
        attributes: { ...window(3, 1), dilations: ints([1, 1]), group: int(1) },
      },
      {
        op: "BatchNormalization",
        inputs: ["conv0_fwd", ...normalization(mxnet)],
        outputs: ["batchnorm0_fwd"],
        attributes: { ...epsilon, momentum: float(0.9), spatial: int(1) },
      },
      {
        op: "Clip",
        inputs: ["batchnorm0_fwd"],
        outputs: ["clip0"],
        attributes: { min: float(0), max: float(6) },
      },
      { op: "MaxPool", inputs: ["clip0"], outputs: ["pool0_fwd"], attributes: window(2, 0, 2) },
      {
        op: "Conv",
        inputs: ["pool0_fwd", mxnet.depthwise, mxnet.bias],
        outputs: ["conv1_fwd"],
        attributes: { ...window(3, 1), ...group },
      },
      { op: "GlobalAveragePool", inputs: ["conv1_fwd"], outputs: ["pool1_fwd"] },
      {
        op: "Dropout",
        inputs: ["pool1_fwd"],
        outputs: ["dropout0_fwd", "mask"],
        attributes: { ratio: float(0.2) },
      },
      { op: "Flatten", inputs: ["dropout0_fwd"], outputs: ["flatten0"] },
      {
        op: "Gemm",
        inputs: ["flatten0", mxnet.dense, mxnet.offset],
        outputs: ["y"],
        attributes: { alpha: float(1), beta: float(1), transA: int(0), transB: int(1) },
      },
    ],
  },
  // A mean as a pool as large as the map, a fixed shape before the dense layer.
  Caffe2: {
    opset: 7,
    listed: true,
    constants: { ...called(caffe), shape: int64([2], [1, CHANNELS]) },
    layer: "dw",
    nodes: [
      { op: "Conv", inputs: ["x", caffe.kernel], outputs: ["conv1_1"], attributes: window(3, 1) },
      {
        op: "BatchNormalization",
        inputs: ["conv1_1", ...normalization(caffe)],
        outputs: ["bn1_1"],
        attributes: epsilon,
      },
      { op: "Clip", inputs: ["bn1_1"], outputs: ["relu1_1"], attributes: { min: float(0), max: float(6) } },
      { op: "MaxPool", inputs: ["relu1_1"], outputs: ["pool1_1"], attributes: window(2, 0, 2) },
      {
        op: "Conv",
        inputs: ["pool1_1", caffe.depthwise, caffe.bias],
        outputs: ["dw_1"],
        attributes: { ...window(3, 1), ...group },
      },
      {
        op: "AveragePool",
        inputs: ["dw_1"],
        outputs: ["pool2_1"],
        attributes: { kernel_shape: ints([H / 2, W / 2]) },
      },
      { op: "Reshape", inputs: ["pool2_1", "shape"], outputs: ["flat_1"] },
      {
        op: "Gemm",
        inputs: ["flat_1", caffe.dense, caffe.offset],
        outputs: ["fc_1"],
        attributes: { transB: int(1) },
      },
      { op: "Softmax", inputs: ["fc_1"], outputs: ["y"] },
    ],
  },
  // Pixels scaled in the graph by an operator that is no more, here by one.
  "Core ML's converter": {
    opset: 8,
    constants: called(torch),
    layer: "features.4",
    nodes: [
      {
        op: "ImageScaler",
        inputs: ["x"],
        outputs: ["scaled"],
        attributes: { scale: float(1), bias: floats([0, 0, 0]) },
      },
      { op: "Conv", inputs: ["scaled", torch.kernel], outputs: ["conv"], attributes: window(3, 1) },
      {
        op: "BatchNormalization",
        inputs: ["conv", ...normalization(torch)],
        outputs: ["bn"],
        attributes: epsilon,
      },
      { op: "Clip", inputs: ["bn"], outputs: ["relu6"], attributes: { min: float(0), max: float(6) } },
      { op: "MaxPool", inputs: ["relu6"], outputs: ["pool"], attributes: window(2, 0, 2) },
      {
        op: "Conv",
        inputs: ["pool", torch.depthwise, torch.bias],
        outputs: ["dw"],
        attributes: { ...window(3, 1), ...group },
      },
      { op: "GlobalAveragePool", inputs: ["dw"], outputs: ["mean"] },
      { op: "Flatten", inputs: ["mean"], outputs: ["flat"] },
      {
        op: "Gemm",
        inputs: ["flat", torch.dense, torch.offset],
        outputs: ["scores"],
        attributes: { transB: int(1) },
      },
      { op: "Softmax", inputs: ["scores"], outputs: ["y"], attributes: { axis: int(1) } },
    ],
  },
};
