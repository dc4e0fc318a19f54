import { snakeCase } from "../../../formats/keras/checkpoint.ts";
import type { KerasObject } from "../../../formats/keras/saved-model.ts";

/** A layer of a functional model, called once. */
export interface FunctionalLayer {
  readonly name: string;
  /** Keras's class, such as `Conv2D`. */
  readonly type: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Names of the layers that it takes its tensors from. */
  readonly inputs: readonly string[];
  /** Shapes of its weights by what they are, such as `kernel`, in Keras's order. */
  readonly weights: Readonly<Record<string, readonly number[]>>;
}

/** What comes out of a layer. */
export interface Output {
  readonly layer: string;
  readonly channels: number;
}

/** A functional model that is being written, as far as it goes; each layer after those that it takes its tensors from. */
export type FunctionalModel = FunctionalLayer[];

/** What is to be said of a layer beside its class and its inputs. */
export interface LayerOptions {
  /** Else the class with a number, as Keras does: `conv2d`, `conv2d_1`, … */
  readonly name?: string | undefined;
  readonly config?: FunctionalLayer["config"];
  readonly weights?: FunctionalLayer["weights"];
  /** Channels that come out; as many as go in unless given. */
  readonly channels?: number;
}

export function layer(
  model: FunctionalModel,
  type: string,
  inputs: readonly Output[],
  { name = numbered(model, snakeCase(type)), config = {}, weights = {}, channels }: LayerOptions = {},
): Output {
  model.push({ name, type, config, inputs: inputs.map((input) => input.layer), weights });
  return { layer: name, channels: channels ?? inputs[0]!.channels };
}

function numbered(model: FunctionalModel, stem: string): string {
  const count = model.filter(({ name }) => name.replace(/_\d+$/, "") === stem).length;
  return count ? `${stem}_${count}` : stem;
}

/**
 * The layers in the order in which Keras lists them, and writes their weights: the farther from the model's output the earlier, those
 * equally far as they are met on the way back from it.
 */
export function inKerasOrder(model: FunctionalModel): FunctionalLayer[] {
  const layers = new Map(model.map((layer) => [layer.name, layer]));
  const met = new Set<FunctionalLayer>();
  const goBack = (layer: FunctionalLayer): void => {
    if (met.has(layer)) return;
    met.add(layer);
    for (const input of layer.inputs) goBack(layers.get(input)!);
  };
  goBack(model.at(-1)!);
  const depths = new Map<string, number>();
  const depthOf = ({ name }: FunctionalLayer): number => depths.get(name) ?? 0;
  for (const layer of model.toReversed())
    for (const input of layer.inputs) depths.set(input, Math.max(depths.get(input) ?? 0, depthOf(layer) + 1));
  return [...met].sort((a, b) => depthOf(b) - depthOf(a));
}

/** The model as Keras 2 saves it. */
export function functionalObject(name: string, layers: readonly FunctionalLayer[]): KerasObject {
  const reference = (layer: string): unknown => [layer, 0, 0];
  return {
    class_name: "Functional",
    config: {
      name,
      layers: layers.map(({ name, type, config, inputs }) => ({
        class_name: type,
        name,
        config: { name, ...config },
        inbound_nodes: inputs.length > 0 ? [inputs.map((input) => [input, 0, 0, {}])] : [],
      })),
      input_layers: [reference(layers[0]!.name)],
      output_layers: [reference(layers.at(-1)!.name)],
    },
  };
}
