import { UserError } from "../../base/errors.ts";
import type { Value } from "../../graph/graph.ts";
import { type Architecture, scoresFor } from "../architecture.ts";
import { imagenetClasses } from "../imagenet.ts";
import { conv2d, dense, dropout, flatten, maxPooling2d } from "../layers/index.ts";
import type { Network } from "../model.ts";
import { NetworkBuilder } from "../network.ts";
import { presets } from "../preprocessing.ts";
import type { TaskName } from "../tasks/index.ts";

export interface SmallConvnetOptions {
  /** What to say of a picture; which one of the classes it is of unless given. */
  readonly task?: TaskName | undefined;
  readonly classes: readonly string[];
  /** Side of the input picture in pixels. */
  readonly size?: number;
  /** Filters of each convolution; each is 3×3 and followed by 2×2 max pooling. */
  readonly filters?: readonly number[];
  /** Units of the hidden dense layer. */
  readonly units?: number;
  /** Part of the flattened features that is dropped in training. */
  readonly dropout?: number;
  readonly seed?: number;
}

/**
 * The small convnet of Chollet's *Deep Learning with Python* (5.2), trained from scratch on cats and dogs: convolutions
 * that halve the picture each, then two dense layers. 3,453,121 parameters with the defaults and two classes.
 * @throws UserError when the picture is too small for that many halvings
 */
export function smallConvnet(options: SmallConvnetOptions): Network {
  const {
    task,
    classes,
    size = 150,
    filters = [32, 64, 128, 128],
    units = 512,
    dropout: rate = 0.5,
    seed = 0,
  } = options;
  const remaining = filters.reduce((extent) => Math.floor((extent - 2) / 2), size);
  if (remaining < 1)
    throw new UserError(
      `A ${size}×${size} picture is too small for ${filters.length} convolutions; use a larger size or fewer filters.`,
    );
  const network = new NetworkBuilder(
    { name: "image", channels: 3, width: size, height: size, preprocessing: presets.unit },
    seed,
  );
  let x: Value = network.input();
  for (const count of filters)
    x = maxPooling2d(network, conv2d(network, x, { filters: count, kernel: 3 }), 2);
  x = dropout(network, flatten(network, x), rate);
  x = dense(network, x, { units, relu: true });
  x = dense(network, x, { units: scoresFor("the small convnet", classes, task) });
  return network.finish("small-convnet", x, classes, task);
}

export const smallConvnetArchitecture: Architecture = {
  name: "small-convnet",
  title: "Small convnet",
  paper: "Chollet 2017, Deep Learning with Python, 5.2",
  size: 150,
  head: "dense",
  build: ({ classes = imagenetClasses, ...options } = {}) => smallConvnet({ classes, ...options }),
};
