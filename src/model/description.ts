import { UserError } from "../base/errors.ts";
import { filters } from "../base/resize-picture.ts";
import type { Engine } from "../engine/engine.ts";
import type { Graph } from "../graph/graph.ts";
import { trace } from "./batch.ts";
import { type InputSpec, type Layer, LOGITS, type Network, PHOTO, RAW } from "./model.ts";
import { channelOrders } from "./preprocessing.ts";
import { type TaskName, tasks } from "./tasks/index.ts";

/** The metadata property under which a model file says what its graph alone does not. */
const KEY = "convscope";
const FORMAT = 2;

/** What a model file holds beside its graph, as JSON; plain enough for any host to read. */
interface Description {
  readonly format: number;
  /** With its preprocessing: `(level − mean) / std` of 8-bit channels in the order given. */
  readonly input: InputSpec;
  /** Single-label where it is absent. */
  readonly task?: TaskName;
  readonly classes: readonly string[];
  readonly layers: readonly Layer[];
  /** That shapes in the file are none to go by: they are found by running it. */
  readonly general?: true;
}

/** The network with its description in the metadata of its graphs, ready to be written. */
export function withDescription(network: Network): Network {
  const { graph, general, input, task, classes, layers } = network;
  const description: Description = {
    ...{ format: FORMAT, input, classes, layers },
    ...(task === undefined ? {} : { task }),
    ...(general ? { general: true } : {}),
  };
  const metadata = new Map([[KEY, JSON.stringify(description)]]);
  return {
    ...network,
    graph: { ...graph, metadata },
    ...(general ? { general: { ...general, metadata } } : {}),
  };
}

/** The graph that a network's file holds: the one that other batches can be found from. */
export const storedGraph = ({ graph, general }: Network): Graph => general ?? graph;

/**
 * The network in a graph that was read from a file of ours; undefined in one from elsewhere.
 * @throws UserError when its description is broken or of a later format, or it was made for other hosts
 */
export async function describedNetwork(
  graph: Graph,
  source: string,
  engine: Engine,
): Promise<Network | undefined> {
  const text = graph.metadata.get(KEY);
  if (text === undefined) return undefined;
  const broken = new UserError(`${source} has a broken description of its classes; write the model again.`);
  let description: Description;
  try {
    description = { ...JSON.parse(text) };
  } catch {
    throw broken;
  }
  const { format, input, task, classes, layers, general } = description;
  if (format !== FORMAT)
    throw new UserError(
      `${source} has format ${format}, this version reads ${FORMAT}; ${format > FORMAT ? "update convscope" : "train it again"}.`,
    );
  if ([...graph.inputs, ...graph.outputs].some(({ name }) => name === PHOTO || name === RAW))
    throw new UserError(`${source} is for other hosts to run; give the model that it was made from.`);
  if (!fits(description, graph)) throw broken;
  const network = { graph, input, ...(task === undefined ? {} : { task }), classes, layers };
  return general ? { ...network, general: graph, graph: await trace(engine, graph, input, 1) } : network;
}

/** Whether a description says all that it must, and says it of this graph. */
function fits(
  { input, task = "single-label", classes, layers }: Partial<Description>,
  { inputs, outputs, values }: Graph,
): boolean {
  if (!input || !isTexts(classes) || !Array.isArray(layers) || !Object.hasOwn(tasks, task)) return false;

  const { name, channels, height, width } = input;
  const [value] = inputs;
  const { columns, fewest, output } = tasks[task];
  return (
    name === value?.name &&
    String([channels, height, width]) === String(value.shape?.slice(1)) &&
    isPreparation(input, channels) &&
    classes.length >= fewest &&
    columns(classes.length) === values.get(LOGITS)?.shape?.[1] &&
    [LOGITS, output].every((needed) => outputs.some((given) => given.name === needed)) &&
    layers.every(
      (layer) =>
        isText(layer?.name) &&
        isText(layer.type) &&
        values.has(layer.output) &&
        isTexts(layer.parameters) &&
        isTexts(layer.statistics ?? []),
    )
  );
}

const isText = (item: unknown): item is string => typeof item === "string";

export const isTexts = (list: unknown): list is string[] => Array.isArray(list) && list.every(isText);

/** Whether what a file says of how pictures become so many channels can be so. */
export function isPreparation(
  {
    crop = 1,
    filter = "linear",
    preprocessing,
  }: Partial<Pick<InputSpec, "crop" | "filter" | "preprocessing">>,
  channels: number,
): boolean {
  const isLevels = (list: unknown): boolean =>
    Array.isArray(list) && list.every(Number.isFinite) && list.length === channels;
  return (
    crop > 0 &&
    crop <= 1 &&
    filters.includes(filter) &&
    (preprocessing === undefined ||
      (channelOrders.includes(preprocessing?.order) &&
        isLevels(preprocessing.mean) &&
        isLevels(preprocessing.std)))
  );
}
