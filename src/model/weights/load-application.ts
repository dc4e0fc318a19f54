import type { ByteSource } from "../../base/byte-source.ts";
import { random } from "../../base/random.ts";
import { float32, sizeOf, viewBytes } from "../../base/tensor.ts";
import { weightConstant } from "../../formats/keras/graph/weight.ts";
import type { SavedWeight } from "../../formats/keras/saved-model.ts";
import { type KerasLayer, readKerasWeights } from "../../formats/keras/weight-file.ts";
import { adoptKeras } from "../adopt-keras.ts";
import { type Architecture, scoresFor } from "../architecture.ts";
import { withDescription } from "../description.ts";
import { imagenetClasses } from "../imagenet.ts";
import { glorotUniform, zero } from "../network.ts";
import { chooseWeights } from "./choose.ts";
import { applicationLayers, type KerasApplication } from "./keras-applications/application.ts";
import { type FunctionalLayer, functionalObject } from "./keras-applications/functional-model.ts";
import type { Loaded, LoadOptions } from "./load.ts";

/** What the names of the classifier's weights begin with. */
const HEAD = "predictions/";

/**
 * An architecture as Keras builds it, with the weights of a file, which are read when somebody asks for them. As in Keras, the file's
 * layers are taken for the model's one after the other, whatever their names.
 * @param source what to call the file in errors
 * @throws UserError when it is no file of Keras's, or holds another network's weights, naming one with both shapes
 */
export function loadApplication(
  { name, size: usual }: Architecture,
  application: KerasApplication,
  file: Uint8Array | ByteSource,
  source: string,
  {
    classes = imagenetClasses,
    size = usual,
    freshHead = false,
  }: LoadOptions & { readonly classes?: readonly string[]; readonly size?: number },
): Loaded {
  const scores = scoresFor(name, classes);
  const layers = applicationLayers(application, size, scores);
  const model = functionalObject(name, layers);
  const shapes = new Map(layers.flatMap(shapesOf));
  const found = named(layers, readKerasWeights(file, source, model), scores);
  const wanted = { name, head: HEAD, classAxis: -1, shapes } as const;
  const { taken, fresh } = chooseWeights(wanted, found, source, freshHead);
  const weights = new Map(
    layers.map((layer) => [
      layer.name,
      shapesOf(layer).map(([key, shape]) => taken.get(key) ?? drawnWeight(key, shape)),
    ]),
  );
  const saved = { model, weights: ([layer]: readonly string[]) => weights.get(layer!)! };
  const { preprocessing } = application;
  return { network: withDescription(adoptKeras(saved, source, { preprocessing, classes })), fresh };
}

/** A layer's weights by their names in the network, with their shapes. */
function shapesOf({ name, weights }: FunctionalLayer): [name: string, shape: readonly number[]][] {
  return Object.entries(weights).map(([role, shape]) => [`${name}/${role}`, shape]);
}

/** The file's weights by their names in the network; those beyond them by their place in the file. */
function named(
  layers: readonly FunctionalLayer[],
  saved: readonly KerasLayer[],
  scores: number,
): Map<string, SavedWeight> {
  const places = layers.map(shapesOf).filter((weights) => weights.length > 0);
  return new Map(
    saved
      .filter(({ weights }) => weights.length > 0)
      .flatMap(({ layer, weights }, at) =>
        weights.map((weight, index): [string, SavedWeight] => {
          const [key = `${layer}/${weight.name}`] = places[at]?.[index] ?? [];
          const pair = scores === 1 && key.startsWith(HEAD) && weight.shape.at(-1) === 2;
          return [key, pair ? difference(weight) : weight];
        }),
      ),
  );
}

/** Of the scores of two classes the second minus the first, whose sigmoid is the second's softmax. */
function difference(weight: SavedWeight): SavedWeight {
  const shape = weight.shape.with(-1, 1);
  return {
    ...weight,
    shape,
    read() {
      const data = viewBytes("float32", weightConstant(weight.name, weight).bytes);
      const one = (_: unknown, at: number): number => data[2 * at + 1]! - data[2 * at]!;
      return float32(shape, Float32Array.from({ length: sizeOf(shape) }, one));
    },
  };
}

/** A kernel `[features, units]` of the classifier, or its bias. */
function drawnWeight(name: string, shape: readonly number[]): SavedWeight {
  const [features, units] = shape;
  const draw = units === undefined ? zero : glorotUniform(features!, units);
  return {
    name,
    shape,
    read() {
      const source = random(0, "weights", name);
      return float32(
        shape,
        Float32Array.from({ length: sizeOf(shape) }, () => draw(source)),
      );
    },
  };
}
