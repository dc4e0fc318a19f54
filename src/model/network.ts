import { type Random, random } from "../base/random.ts";
import { float32, sizeOf } from "../base/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";
import { withDescription } from "./description.ts";
import { BATCH, type InputSpec, type Layer, LOGITS, type Network, PROBABILITIES } from "./model.ts";

/** Writes a network layer by layer, naming layers as Keras does: `conv2d`, `conv2d_1`, … */
export class NetworkBuilder {
  readonly g: GraphBuilder = new GraphBuilder();
  readonly #layers: Layer[] = [];
  readonly #input: InputSpec;
  readonly #seed: number;

  /** @param seed of the initial weights */
  constructor(input: InputSpec, seed: number) {
    this.#input = input;
    this.#seed = seed;
  }

  /** The picture: `[N, C, H, W]`. */
  input(): Value {
    const { name, channels, width, height } = this.#input;
    return this.g.input(name, "float32", [BATCH, channels, height, width]);
  }

  /** Adds a layer; `build` writes its nodes and asks `weight` for its parameters. */
  layer(type: string, stem: string, build: (weight: WeightMaker) => Value): Value {
    const same = this.#layers.filter(
      (layer) => layer.name === stem || layer.name.startsWith(`${stem}_`),
    ).length;
    const name = same ? `${stem}_${same}` : stem;
    const parameters: string[] = [];
    const weight: WeightMaker = (role, shape, draw) => {
      const source = random(this.#seed, "weights", name, role);
      const data = Float32Array.from({ length: sizeOf(shape) }, () => draw(source));
      parameters.push(`${name}/${role}`);
      return this.g.initializer(`${name}/${role}`, float32(shape, data));
    };
    const output = this.g.scope(name, () => build(weight));
    this.#layers.push({ name, type, output: output.name, parameters });
    return output;
  }

  /** Ends the network at its scores: one for two classes (of the second), else one a class. */
  finish(name: string, logits: Value, classes: readonly string[]): Network {
    const { g } = this;
    const probabilities = g.scope("head", () =>
      classes.length === 2
        ? op.concat(g, [op.sigmoid(g, op.neg(g, logits)), op.sigmoid(g, logits)], 1)
        : op.softmax(g, logits),
    );
    return withDescription({
      graph: g.finish(name, { [LOGITS]: logits, [PROBABILITIES]: probabilities }),
      input: this.#input,
      classes,
      layers: this.#layers,
    });
  }
}

/** Declares a weight of a layer, its elements drawn one by one. */
export type WeightMaker = (role: string, shape: readonly number[], draw: (source: Random) => number) => Value;

/**
 * Glorot and Bengio 2010, eq. 16: uniform in ±√(6 / (fan in + fan out)), which keeps the variance of activations and
 * gradients level from layer to layer.
 */
export function glorotUniform(fanIn: number, fanOut: number): (source: Random) => number {
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return (source) => source.uniform(-limit, limit);
}

export const zero = (): number => 0;
