import { UserError } from "../../base/errors.ts";
import { weightConstant } from "../../formats/keras/graph/weight.ts";
import type { SavedWeight } from "../../formats/keras/saved-model.ts";
import type { KerasLayer } from "../../formats/keras/weight-file.ts";
import type { Initializer } from "../../graph/graph.ts";

/** Of the networks that Keras and torchvision build alike: by Keras's layers, torchvision's modules. */
const modulesOf: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  vgg16: vgg([2, 2, 3, 3, 3]),
  vgg19: vgg([2, 2, 4, 4, 4]),
  "squeezenet1-1": squeezenet(),
};

/** Side of the grid that the first dense layer looks at. */
const GRID = 7;

/**
 * The weights of Keras's VGG, or of the SqueezeNet of the package keras-squeezenet, under torchvision's names and in its order: kernels
 * `[h, w, in, out]` become `[out, in, h, w]`, dense ones are transposed, and of the first, which in Keras goes over the grid channel
 * by channel at each place, the features are brought to place by place in each channel.
 * @throws UserError for architectures that Keras has not
 */
export function kerasTensors(
  architecture: string,
  layers: readonly KerasLayer[],
  source: string,
): Map<string, Initializer> {
  const modules = modulesOf[architecture];
  if (!modules)
    throw new UserError(
      `${source} is a file of Keras's, which has no ${architecture} of its own; save the whole model from Keras (model.save), which opens as it is.`,
    );
  const tensors = new Map<string, Initializer>();
  for (const { layer, weights } of layers) {
    if (weights.length === 0) continue;
    const module = modules.get(layer);
    if (module === undefined || weights.length !== 2)
      throw new UserError(
        `${source} holds "${layer}", which Keras's ${architecture} has not; is it another network's?`,
      );
    const [kernel, bias] = weights as readonly [SavedWeight, SavedWeight];
    tensors.set(`${module}.weight`, turned(`${module}.weight`, kernel, layer === "fc1"));
    tensors.set(`${module}.bias`, weightConstant(`${module}.bias`, bias));
  }
  return tensors;
}

/** torchvision counts nonlinearities and poolings too. */
function vgg(depths: readonly number[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  let at = 0;
  depths.forEach((depth, block) => {
    for (let i = 1; i <= depth; i++) {
      names.set(`block${block + 1}_conv${i}`, `features.${at}`);
      at += 2;
    }
    at++;
  });
  return names.set("fc1", "classifier.0").set("fc2", "classifier.3").set("predictions", "classifier.6");
}

/** Its poolings leave out what is over at the edge, where torchvision's do not; of 224 pixels nothing is over. */
function squeezenet(): ReadonlyMap<string, string> {
  const names = new Map([
    ["conv1", "features.0"],
    ["conv10", "classifier.1"],
  ]);
  [3, 4, 6, 7, 9, 10, 11, 12].forEach((at, index) => {
    for (const part of ["squeeze", "expand1x1", "expand3x3"])
      names.set(`fire${index + 2}/${part === "squeeze" ? "squeeze1x1" : part}`, `features.${at}.${part}`);
  });
  return names;
}

/** A kernel, as it is in our order; one of another rank as it is, to be refused for its shape. */
function turned(name: string, kernel: SavedWeight, first: boolean): Initializer {
  const [a, b, c, d] = kernel.shape as [number, number, number, number];
  if (kernel.shape.length === 4)
    return weightConstant(name, kernel, { permutation: [3, 2, 0, 1], shape: [d, c, a, b] });
  if (kernel.shape.length !== 2) return weightConstant(name, kernel);
  const places = first && a % (GRID * GRID) === 0 ? GRID * GRID : 1;
  const split: SavedWeight = { ...kernel, shape: [places, a / places, b] };
  return weightConstant(name, split, { permutation: [2, 1, 0], shape: [b, a] });
}
