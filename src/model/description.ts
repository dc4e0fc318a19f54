import { UserError } from "../base/errors.ts";
import type { Graph } from "../graph/graph.ts";
import type { InputSpec, Layer, Network } from "./model.ts";

/** The metadata property under which a model file says what its graph alone does not. */
const KEY = "convscope";
const FORMAT = 1;

/** What a model file holds beside its graph, as JSON; plain enough for any host to read. */
interface Description {
  readonly format: number;
  readonly input: InputSpec & {
    readonly layout: "NCHW";
    readonly channels: "RGB";
    readonly range: readonly [0, 1];
    readonly resize: "squash";
  };
  readonly classes: readonly string[];
  readonly layers: readonly Layer[];
}

/** The network with its description in the graph's metadata, ready to be written. */
export function withDescription(network: Network): Network {
  const { graph, input, classes, layers } = network;
  const description: Description = {
    format: FORMAT,
    input: { ...input, layout: "NCHW", channels: "RGB", range: [0, 1], resize: "squash" },
    classes,
    layers,
  };
  return { ...network, graph: { ...graph, metadata: new Map([[KEY, JSON.stringify(description)]]) } };
}

/**
 * The network in a graph that was read from a file of ours.
 * @throws UserError when the graph carries no description, or one of a later format
 */
export function describedNetwork(graph: Graph, source: string): Network {
  const text = graph.metadata.get(KEY);
  if (text === undefined)
    throw new UserError(
      `${source} does not say its classes and preprocessing: it was not written by convscope; give a run folder or a model.onnx from one.`,
    );
  let description: Description;
  try {
    description = JSON.parse(text);
  } catch {
    throw new UserError(`${source} has a broken description of its classes; write the model again.`);
  }
  if (description.format !== FORMAT)
    throw new UserError(
      `${source} has format ${description.format}, this version reads ${FORMAT}; update convscope.`,
    );
  const { name, width, height } = description.input;
  return { graph, input: { name, width, height }, classes: description.classes, layers: description.layers };
}
