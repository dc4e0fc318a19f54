import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import type { Tensor } from "../../src/base/tensor.ts";

/** The files of a layers model, loaded by TensorFlow.js itself. */
export async function loadTfjs(files: ReadonlyMap<string, Uint8Array>): Promise<tfl.LayersModel> {
  await tf.setBackend("cpu");
  const json = JSON.parse(new TextDecoder().decode(files.get("model.json")));
  const [{ paths, weights }] = json.weightsManifest;
  const weightData = Uint8Array.from(Buffer.concat(paths.map((path: string) => files.get(path)!))).buffer;
  const { modelTopology, userDefinedMetadata } = json;
  return tfl.loadLayersModel(
    tf.io.fromMemory({ modelTopology, weightSpecs: weights, weightData, userDefinedMetadata }),
  );
}

/** What it gives for `[N, C, H, W]`. */
export function predictTfjs(model: tfl.LayersModel, { shape, data }: Tensor<"float32">): number[] {
  return tf.tidy(() => {
    const pictures = tf.transpose(tf.tensor(data, [...shape]), [0, 2, 3, 1]);
    return [...(model.predict(pictures) as tf.Tensor).dataSync()];
  });
}
