import { type Random, random } from "../../src/base/random.ts";
import { float32, sizeOf, type Tensor } from "../../src/base/tensor.ts";
import { kerasGraph } from "../../src/formats/keras/graph/keras-graph.ts";
import type { SavedKerasModel } from "../../src/formats/keras/saved-model.ts";
import { specialize } from "../../src/graph/graph.ts";
import { checkGradient, engine } from "../autodiff/finite-differences.ts";

/** A layer as Keras saves it, `module` where Keras 3 has its class from. */
export interface Saved {
  readonly class_name: string;
  readonly config: object;
  readonly module?: string;
}

export const layer = (type: string, config: object = {}, module = "keras.layers"): Saved => ({
  class_name: type,
  config: { name: type.toLowerCase(), ...config },
  module,
});

/** Weights of layers by name, in Keras's order. */
export type Weights = Readonly<Record<string, readonly Tensor<"float32">[]>>;

const savedModel = (model: SavedKerasModel["model"], weights: Weights, version: string): SavedKerasModel => ({
  model,
  version,
  weights: (path) =>
    (weights[path.join("/")] ?? []).map((tensor, at) => ({
      name: `${path.join("/")}/${at}`,
      shape: tensor.shape,
      read: () => tensor,
    })),
});

/** A sequential model of what takes `shape`, without the batch; it ends flat, in Keras's order. */
export function sequential(
  shape: readonly number[],
  layers: readonly Saved[],
  weights: Weights = {},
  version = "3.5.0",
): SavedKerasModel {
  const input = layer("InputLayer", { name: "picture", batch_shape: [null, ...shape] });
  const config = { name: "net", layers: [input, ...layers, layer("Flatten", { name: "flat" })] };
  return savedModel({ class_name: "Sequential", config }, weights, version);
}

/** A tensor as Keras 3 says where it is from. */
export const tensor = (
  from: string,
  { node = 0, output = 0 }: { readonly node?: number; readonly output?: number } = {},
): object => ({
  class_name: "__keras_tensor__",
  config: { shape: [null], dtype: "float32", keras_history: [from, node, output] },
});

/** A layer of a functional model of Keras 3, with the arguments of each of its calls. */
export const called = (
  name: string,
  { class_name, config, module }: Saved,
  ...calls: { readonly args: readonly unknown[]; readonly kwargs?: object }[]
): object => ({
  class_name,
  module,
  name,
  config: { ...config, name },
  inbound_nodes: calls.map(({ args, kwargs = {} }) => ({ args, kwargs })),
});

/** A functional model of what takes `shape`, called `picture`; `outputs` are names of layers, or all that Keras 3 says of them. */
export function functional(
  shape: readonly number[],
  layers: readonly object[],
  outputs: unknown,
  weights: Weights = {},
  version = "3.5.0",
): SavedKerasModel {
  const input = {
    ...layer("InputLayer", { name: "picture", batch_shape: [null, ...shape] }),
    name: "picture",
  };
  const config = {
    name: "net",
    layers: [{ ...input, inbound_nodes: [] }, ...layers],
    input_layers: [["picture", 0, 0]],
    output_layers: outputs,
  };
  return savedModel({ class_name: "Functional", config }, weights, version);
}

/** Drawn evenly from a range. */
export function drawn(name: string, shape: readonly number[], low = -1, high = 1): Tensor<"float32"> {
  const source: Random = random(3, name);
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => source.uniform(low, high)),
  );
}

/** `[N, H, W, C]` as the graph takes it. */
function channelsFirst({ shape, data }: Tensor<"float32">): Tensor<"float32"> {
  const [n, height, width, channels] = shape as [number, number, number, number];
  const places = height * width;
  const turned = data.map((_, at) => {
    const [picture, channel] = [Math.floor(at / (channels * places)), Math.floor(at / places) % channels];
    return data[(picture * places + (at % places)) * channels + channel]!;
  });
  return float32([n, channels, height, width], turned);
}

/** What a model makes of pictures `[N, H, W, C]`, or `[N, C, H, W]` where it takes these: each output's numbers. */
export async function outputsOf(saved: SavedKerasModel, pictures: Tensor<"float32">): Promise<number[][]> {
  const { graph } = kerasGraph(saved, "net", 32);
  const [input] = graph.inputs;
  const program = await engine.compile(specialize(graph, { N: pictures.shape[0]! }));
  const fits = input!.shape!.slice(1).join() === pictures.shape.slice(1).join();
  const results = await program.run({ [input!.name]: fits ? pictures : channelsFirst(pictures) });
  await program.dispose();
  return graph.outputs.map(({ name }) => Array.from(results[name]!.data, Number));
}

/** Holds the gradient by the pictures against differences. */
export async function checkPictureGradient(
  saved: SavedKerasModel,
  pictures: Tensor<"float32">,
): Promise<void> {
  const graph = specialize(kerasGraph(saved, "net", 32).graph, { N: pictures.shape[0]! });
  const [input] = graph.inputs;
  const fits = input!.shape!.join() === pictures.shape.join();
  await checkGradient(
    {
      inputs: { [input!.name]: fits ? pictures : channelsFirst(pictures) },
      build(g) {
        for (const initializer of graph.initializers.values()) g.add(initializer);
        for (const node of graph.nodes) g.append(node);
        return graph.outputs.map(({ name }) => g.value(name));
      },
    },
    random(4, "keras"),
  );
}
