import { UsageError, UserError } from "../base/errors.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Dim, Graph, Node, Value } from "../graph/graph.ts";
import { codeOfDtype } from "../graph/onnx/schema.ts";
import * as op from "../graph/operators/index.ts";
import { BATCH, type InputSpec } from "./model.ts";

/** A picture's side where neither file nor caller says, in pixels: what most networks were trained on. */
export const USUAL_SIZE = 224;

/** Pixels of a picture, beyond which a file's claim or a mistyped size would only fill the memory. */
const MOST_PIXELS = 32 * 2 ** 20;

/**
 * The graph with its picture input as `[N, C, H, W]`, whether it takes that or `[N, H, W, C]`; `N` is 1 where the graph fixes it.
 * @param size pixels, where the graph leaves width and height free
 * @throws UserError when it does not take one picture
 * @throws UsageError when its pictures have another size, and no other
 */
export function withPictureInput(
  graph: Graph,
  source: string,
  size?: number,
): { readonly graph: Graph; readonly input: InputSpec } {
  const [value, ...others] = graph.inputs;
  if (!value || others.length > 0)
    throw new UserError(
      `${source} takes ${graph.inputs.length} inputs (${graph.inputs.map(({ name }) => name).join(", ")}); a network that takes one picture is needed.`,
    );
  const { name, shape } = value;
  const dtype = isCast(graph, value) ? "float32" : value.dtype;
  const last = channelsLast(shape);
  if (dtype !== "float32" || last === undefined)
    throw new UserError(
      `${source} takes "${name}", ${dtype} [${shape?.join(", ") ?? "of unknown shape"}], which is no batch of pictures of 1 or 3 channels in float32; export the network with such an input.`,
    );
  const [n, ...rest] = shape!;
  const [channels, ...places] = last ? [rest[2], rest[0], rest[1]] : rest;
  const [height, width] = places.map((dim) =>
    typeof dim === "number" && dim > 0 ? dim : (size ?? USUAL_SIZE),
  );
  const input = { name, channels: channels as number, width: width!, height: height! };
  if (size !== undefined && (width !== size || height !== size))
    throw new UsageError(`${source} takes pictures of ${width}×${height} and no other; leave the size out.`);
  if (input.width * input.height > MOST_PIXELS)
    throw new UserError(
      `${source} would take pictures of ${width}×${height}, more than ${MOST_PIXELS / 2 ** 20} million pixels; give a smaller size, or export it for one.`,
    );
  const batch = typeof n === "number" && n > 0 ? n : BATCH;
  if (typeof batch === "number" && batch > 1)
    throw new UserError(
      `${source} takes ${batch} pictures at a time, no more and no fewer; export it for one, or for any number.`,
    );
  const first: Value = { name, dtype, shape: [batch, input.channels, input.height, input.width] };
  return { graph: last ? withTransposed(graph, first) : withInput(graph, first), input };
}

/** Whether levels that it takes as whole numbers become real ones before anything else: then it may as well be given those. */
function isCast({ nodes }: Graph, { name, dtype }: Value): boolean {
  const readers = nodes.filter(({ inputs }) => inputs.includes(name));
  const toReal = ({ op, attributes: { to } }: Node): boolean =>
    op === "Cast" && to?.type === "int" && to.value === codeOfDtype.get("float32");
  return dtype.includes("int") && readers.every(toReal);
}

/** Whether channels come last; undefined where the shape is none of a batch of pictures. */
function channelsLast(shape: readonly Dim[] | undefined): boolean | undefined {
  if (shape?.length !== 4) return undefined;
  const fits = (dim: Dim | undefined): boolean => dim === 1 || dim === 3;
  return fits(shape[1]) ? false : fits(shape[3]) ? true : undefined;
}

function withInput(graph: Graph, input: Value): Graph {
  return { ...graph, inputs: [input], values: new Map([...graph.values, [input.name, input]]) };
}

/** The graph behind a Transpose from NCHW, which takes over the input's name. */
function withTransposed(graph: Graph, input: Value): Graph {
  const inner = `${input.name}/channels-last`;
  const swap = (name: string): string => (name === input.name ? inner : name);
  const values = new Map(graph.values);
  values.delete(input.name);
  const g = new GraphBuilder({ ...graph, inputs: [], nodes: [], values });
  const taken = g.input(input.name, input.dtype, input.shape!);
  g.rename(op.transpose(g, taken, [0, 2, 3, 1]), inner);
  for (const node of graph.nodes) g.append({ ...node, inputs: node.inputs.map(swap) });
  return g.finish(graph.name, Object.fromEntries(graph.outputs.map((value) => [value.name, value])));
}
