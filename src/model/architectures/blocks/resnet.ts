import { staticShapeAfterBatch, type Value } from "../../../graph/graph.ts";
import { activation, add, dense, flatten, globalAveragePooling2d, maxPooling2d } from "../../layers/index.ts";
import type { NetworkBuilder } from "../../network.ts";
import { normalized } from "./convolutions.ts";

/** What is added to the shortcut, up to the addition: layers under `name` that end in `width` channels, or 4 times as many. */
type Branch = (network: NetworkBuilder, x: Value, block: Block) => Value;

interface Block {
  readonly name: string;
  readonly width: number;
  readonly stride: number;
}

/** Two 3×3 convolutions: He et al. 2015, figure 5, left. */
export const basic: Branch = (network, x, { name, width, stride }) => {
  x = normalized(
    network,
    x,
    { filters: width, kernel: 3, stride, padding: "half" },
    { conv: `${name}.conv1`, norm: `${name}.bn1` },
  );
  x = activation(network, x, "ReLU", `${name}.relu`);
  return normalized(
    network,
    x,
    { filters: width, kernel: 3, padding: "half" },
    { conv: `${name}.conv2`, norm: `${name}.bn2` },
  );
};

/**
 * 1×1, 3×3, 1×1: He et al. 2015, figure 5, right. The stride is at the 3×3, as in torchvision, Caffe2 and Nvidia's "v1.5"; in the
 * paper and in Keras it is at the first 1×1.
 */
export const bottleneck: Branch = (network, x, { name, width, stride }) => {
  x = normalized(network, x, { filters: width, kernel: 1 }, { conv: `${name}.conv1`, norm: `${name}.bn1` });
  x = activation(network, x, "ReLU", `${name}.relu`);
  x = normalized(
    network,
    x,
    { filters: width, kernel: 3, stride, padding: "half" },
    { conv: `${name}.conv2`, norm: `${name}.bn2` },
  );
  x = activation(network, x, "ReLU", `${name}.relu_1`);
  return normalized(
    network,
    x,
    { filters: 4 * width, kernel: 1 },
    { conv: `${name}.conv3`, norm: `${name}.bn3` },
  );
};

/** The branch added to its input, which is brought to the same shape where it has another, then ReLU. */
function residual(network: NetworkBuilder, x: Value, branch: Branch, block: Block): Value {
  const { name, stride } = block;
  const y = branch(network, x, block);
  const [channels] = staticShapeAfterBatch(y);
  const same = stride === 1 && staticShapeAfterBatch(x)[0] === channels;
  const shortcut = same
    ? x
    : normalized(
        network,
        x,
        { filters: channels!, kernel: 1, stride },
        { conv: `${name}.downsample.0`, norm: `${name}.downsample.1` },
      );
  const sum = add(network, y, shortcut, `${name}.add`);
  return activation(network, sum, "ReLU", `${name}.relu_${branch === basic ? 1 : 2}`);
}

/**
 * He et al. 2015, *Deep Residual Learning for Image Recognition*, table 1: a 7×7 convolution and max pooling, four stages of
 * residual blocks of which all but the first halve the picture, the mean of each channel, one dense layer.
 * @param depths blocks in each stage
 */
export function resnet(
  network: NetworkBuilder,
  x: Value,
  scores: number,
  branch: Branch,
  depths: readonly number[],
): Value {
  x = normalized(
    network,
    x,
    { filters: 64, kernel: 7, stride: 2, padding: "half" },
    { conv: "conv1", norm: "bn1" },
  );
  x = activation(network, x, "ReLU", "relu");
  x = maxPooling2d(network, x, 3, { stride: 2, padding: 1, name: "maxpool" });
  depths.forEach((depth, stage) => {
    for (let i = 0; i < depth; i++)
      x = residual(network, x, branch, {
        name: `layer${stage + 1}.${i}`,
        width: 64 * 2 ** stage,
        stride: stage > 0 && i === 0 ? 2 : 1,
      });
  });
  x = flatten(network, globalAveragePooling2d(network, x, "avgpool"), "flatten");
  return dense(network, x, { units: scores, name: "fc" });
}
