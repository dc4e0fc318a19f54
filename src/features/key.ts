import { sha256 } from "../base/hash.ts";
import { extract, type Initializer } from "../graph/graph.ts";
import { writeOnnx } from "../graph/onnx/write.ts";
import type { Model } from "../model/model.ts";

/**
 * What a model's value depends on besides the picture, as 64 hexadecimal digits: the nodes and weights behind it, how pictures become
 * the input, and the engine, whose version and threads show in the last bit. Not where the model lies, nor what it is called.
 * Weights are read one after the other.
 */
export async function featureKey({ graph, input, engine }: Model, value: string): Promise<string> {
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
  return sha256(new TextEncoder().encode(JSON.stringify([structure, pictures, engine.description])));
}
