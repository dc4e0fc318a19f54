import { UserError } from "../base/errors.ts";
import { float32, type Tensor } from "../base/tensor.ts";
import type { Graph } from "../graph/graph.ts";
import { gridOf } from "../model/grid.ts";
import type { Layer } from "../model/model.ts";
import type { Method } from "./method.ts";

/**
 * Shares of the network's own numbers for a picture: darker and brighter ones, where these are centred around 0 of less and more
 * contrast.
 */
const shares = [0.9, 1, 1.1];

/**
 * A map smoothed over views of the pictures: the mean of what is found in each of them and its mirror image, at 0.9, 1 and 1.1
 * times its numbers, mirrored back (pytorch-grad-cam's `aug_smooth`, which scales each map first). Six times the passes.
 * @param inputs `[N, C, H, W]`
 * @param find numbers of as many pictures, whose last axis runs from left to right
 */
export async function overViews(
  inputs: Tensor<"float32">,
  find: (inputs: Tensor<"float32">) => Promise<Tensor<"float32">>,
): Promise<Tensor<"float32">> {
  const found: Tensor<"float32">[] = [];
  for (const share of shares) {
    const scaled = float32(
      inputs.shape,
      inputs.data.map((value) => share * value),
    );
    found.push(await find(scaled), mirrored(await find(mirrored(scaled))));
  }
  const [{ shape }] = found as [Tensor];
  const means = found[0]!.data.map(
    (_, at) => found.reduce((sum, { data }) => sum + data[at]!, 0) / found.length,
  );
  return float32(shape, means);
}

/** @throws UserError when a method's numbers at a layer are no rows from left to right, which mirror images would turn around */
export function checkViews(
  graph: Graph,
  { name, at }: Pick<Method, "name" | "at">,
  layer: Layer | undefined,
): void {
  if (at !== "layer" || gridOf(graph, layer!.output)?.layout === "NCHW") return;
  throw new UserError(
    `${name} gives no maps at the layer "${layer!.name}" that views of a picture could share; leave the views out, or choose a layer with maps.`,
  );
}

/** The last axis from its end. */
function mirrored({ shape, data }: Tensor<"float32">): Tensor<"float32"> {
  const width = shape.at(-1)!;
  return float32(
    shape,
    data.map((_, at) => data[at - (at % width) + width - 1 - (at % width)]!),
  );
}
