import { type Random, random } from "../base/random.ts";
import { bytesOf, float32, sizeOf, type Tensor } from "../base/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Initializer, Value } from "../graph/graph.ts";
import { withDescription } from "./description.ts";
import { BATCH, type InputSpec, type Layer, LOGITS, type Network } from "./model.ts";
import { type TaskName, taskOf } from "./tasks/index.ts";

/**
 * Writes a network layer by layer. Layers without a name of their own are numbered as Keras does, `conv2d`, `conv2d_1`, …, and
 * their weights called `conv2d_1/kernel`; those that are named bear names of PyTorch's modules: `layer1.0.conv1`, with
 * `layer1.0.conv1.weight`.
 */
export class NetworkBuilder {
  readonly g: GraphBuilder;
  readonly #layers: Layer[];
  readonly #input: InputSpec;
  readonly #seed: number;

  /**
   * @param seed of the initial weights
   * @param trunk what is there already, to write on top of
   */
  constructor(input: InputSpec, seed: number, trunk?: Pick<Network, "graph" | "layers">) {
    this.g = new GraphBuilder(trunk?.graph);
    this.#layers = [...(trunk?.layers ?? [])];
    this.#input = input;
    this.#seed = seed;
  }

  /** The picture: `[N, C, H, W]`. */
  input(): Value {
    const { name, channels, width, height } = this.#input;
    return this.g.input(name, "float32", [BATCH, channels, height, width]);
  }

  /** Adds a layer; `build` writes its nodes, and asks `weight` for its parameters and `statistic` for what it measured. */
  layer(
    type: string,
    stem: string,
    build: (weight: WeightMaker, statistic: StatisticMaker) => Value,
    name?: string,
  ): Value {
    const title = name ?? this.#numbered(stem);
    const prefix = name === undefined ? `${title}/` : `${title}.`;
    const [parameters, statistics]: [string[], string[]] = [[], []];
    const weight: WeightMaker = (role, shape, draw) => {
      parameters.push(prefix + role);
      return this.g.add(drawn(prefix + role, shape, draw, () => random(this.#seed, "weights", title, role)));
    };
    const statistic: StatisticMaker = (role, initial) => {
      statistics.push(prefix + role);
      return this.g.initializer(prefix + role, initial);
    };
    const output = this.g.scope(title, () => build(weight, statistic));
    const measured = statistics.length > 0 ? { statistics } : {};
    this.#layers.push({ name: title, type, output: output.name, parameters, ...measured });
    return output;
  }

  #numbered(stem: string): string {
    const same = this.#layers.filter(
      (layer) => layer.name === stem || layer.name.startsWith(`${stem}_`),
    ).length;
    return same ? `${stem}_${same}` : stem;
  }

  /** Ends the network at its scores, as many as the task has for these classes: one for two of them (of the second), else one a class. */
  finish(name: string, logits: Value, classes: readonly string[], task?: TaskName): Network {
    const { g } = this;
    const { output, ending } = taskOf({ task });
    return withDescription({
      graph: g.finish(name, { [LOGITS]: logits, [output]: g.scope("head", () => ending(g, logits)) }),
      input: this.#input,
      ...(task === undefined ? {} : { task }),
      classes,
      layers: this.#layers,
    });
  }
}

/** Declares a weight of a layer, its elements drawn one by one. */
export type WeightMaker = (role: string, shape: readonly number[], draw: (source: Random) => number) => Value;

/** Declares what a layer measures of the training data, as it is before any. */
export type StatisticMaker = (role: string, initial: Tensor) => Value;

/** A weight that is drawn when it is first asked for, so that nobody waits for numbers that a file's take the place of. */
function drawn(
  name: string,
  shape: readonly number[],
  draw: (source: Random) => number,
  begin: () => Random,
): Initializer {
  let bytes: Uint8Array | undefined;
  return {
    name,
    dtype: "float32",
    shape,
    get bytes() {
      if (!bytes) {
        const source = begin();
        const data = Float32Array.from({ length: sizeOf(shape) }, () => draw(source));
        bytes = bytesOf(float32(shape, data));
      }
      return bytes;
    },
  };
}

/**
 * Glorot and Bengio 2010, eq. 16: uniform in ±√(6 / (fan in + fan out)), which keeps the variance of activations and
 * gradients level from layer to layer.
 */
export function glorotUniform(fanIn: number, fanOut: number): (source: Random) => number {
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return (source) => source.uniform(-limit, limit);
}

/** He et al. 2015, eq. 14: normal with variance 2 / fan out, which keeps gradients level through ReLUs. */
export function heNormal(fanOut: number): (source: Random) => number {
  const deviation = Math.sqrt(2 / fanOut);
  return (source) => deviation * source.normal();
}

export const zero = (): number => 0;
export const one = (): number => 1;
