import type { KerasModel } from "./keras-model.ts";

/** The dialect that models are written in: the last of Keras 2's, which Keras 3 and TensorFlow.js read too. */
export const KERAS_VERSION = "2.15.0";
export const BACKEND = "tensorflow";

/** What a model is made from, as Keras 2 serializes it. */
export function modelConfig({ name, layers }: KerasModel): object {
  const place = (layer: string): [string, number, number] => [layer, 0, 0];
  return {
    class_name: "Functional",
    config: {
      name,
      trainable: true,
      layers: layers.map(({ type, name: layer, config, from }) => ({
        class_name: type,
        config: { name: layer, dtype: "float32", ...config },
        name: layer,
        inbound_nodes: from.length > 0 ? [from.map((before) => [...place(before), {}])] : [],
      })),
      input_layers: [place(layers[0]!.name)],
      output_layers: [place(layers.at(-1)!.name)],
    },
  };
}
