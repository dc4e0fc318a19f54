import type { ByteSource } from "../../base/byte-source.ts";
import { UserError } from "../../base/errors.ts";
import { fileSource, realPath } from "../../base/file-source.node.ts";
import { isHdf5 } from "../../formats/hdf5/hdf5.ts";
import { readKerasWeights } from "../../formats/keras/weight-file.ts";
import { readSafetensors } from "../../formats/safetensors.ts";
import { isTorch, readTorch } from "../../formats/torch.ts";
import { type Initializer, initializerOf } from "../../graph/graph.ts";
import type { Architecture } from "../architecture.ts";
import { withDescription } from "../description.ts";
import { presets } from "../preprocessing.ts";
import { kerasTensors } from "./keras.ts";
import { kerasApplications } from "./keras-applications/index.ts";
import { type Loaded, type LoadOptions, loadWeights } from "./load.ts";
import { loadApplication } from "./load-application.ts";
import { torchvisionNames } from "./names.ts";

export interface OpenWeightsOptions extends LoadOptions {
  /** ImageNet's unless given. */
  readonly classes?: readonly string[];
  /** Side of the picture in pixels, the architecture's own unless given. */
  readonly size?: number;
}

/**
 * An architecture with the weights of a file: a state dict of torchvision or timm, `.pth` or `.safetensors`, or Keras's `.h5`, told apart by
 * content. They are read when somebody asks for them.
 * @throws UserError when there is no such file, it is not whole, or holds another network's weights, naming one with both shapes
 */
export function openWeights(
  architecture: Architecture,
  path: string,
  { classes, size, ...options }: OpenWeightsOptions = {},
): Loaded {
  const refuse = (why: string): UserError => new UserError(`${path} cannot be read: ${why}`);
  const file = fileSource(realPath(path, refuse), refuse);
  const application = kerasApplications[architecture.name];
  const asked = { ...(classes ? { classes } : {}), ...(size === undefined ? {} : { size }) };
  if (application && isHdf5(file))
    return loadApplication(architecture, application, file, path, { ...options, ...asked });
  const built = architecture.build(asked);
  const loaded = loadWeights(architecture, built, tensorsOf(architecture.name, file, path), path, options);
  if (!isHdf5(file)) return loaded;
  // Keras's were trained on pictures prepared as Caffe does.
  const { network } = loaded;
  const input = { ...network.input, preprocessing: presets.caffe };
  return { ...loaded, network: withDescription({ ...network, input }) };
}

function tensorsOf(architecture: string, file: ByteSource, source: string): Map<string, Initializer> {
  if (isHdf5(file)) return kerasTensors(architecture, readKerasWeights(file, source), source);
  if (isTorch(file)) return torchvisionNames(architecture, readTorch(file, source));
  const { tensors } = readSafetensors(file.read(0, file.size), source);
  const constants = [...tensors].map(([name, tensor]) => [name, initializerOf(name, tensor)] as const);
  return torchvisionNames(architecture, new Map(constants));
}
