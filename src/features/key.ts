import { sha256 } from "../base/hash.ts";
import type { Engine } from "../engine/engine.ts";
import { extract, type Initializer } from "../graph/graph.ts";
import { writeOnnx } from "../graph/onnx/write.ts";
import type { Network } from "../model/model.ts";

/**
 * What a network's value depends on besides the picture, as 64 hexadecimal digits: the nodes and weights behind it, and how pictures
 * become the input. Not where the network lies, nor what it is called. Weights are read one after the other.
 */
export async function featureHash({ graph, input }: Network, value: string): Promise<string> {
  const part = { ...extract(graph, [value]), name: "", metadata: new Map(), values: new Map() };
  const contents = new Map<Initializer, string>();
  for (const initializer of part.initializers.values())
    contents.set(initializer, await sha256(initializer.bytes));
  const external = (initializer: Initializer) => {
    const location = contents.get(initializer);
    return location === undefined ? undefined : { location, offset: 0, length: 0 };
  };
  const structure = await sha256(writeOnnx(part, { external }));
  const { width, height, crop, filter = "linear", preprocessing } = input;
  const pictures = [
    width,
    height,
    crop,
    filter,
    preprocessing?.order,
    preprocessing?.mean,
    preprocessing?.std,
  ];
  return hashOf([structure, pictures]);
}

/** What the features themselves depend on, as 64 hexadecimal digits: also the engine, whose version and threads show in the last bit. */
export const featureKey = (hash: string, { description }: Engine): Promise<string> =>
  hashOf([hash, description]);

const hashOf = (value: unknown): Promise<string> => sha256(new TextEncoder().encode(JSON.stringify(value)));
