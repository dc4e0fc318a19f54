import { listNames, UserError } from "../base/errors.ts";
import { nearestFirst } from "../base/nearest.ts";
import { picture } from "../base/picture.ts";
import { random } from "../base/random.ts";
import { float32, sizeOf } from "../base/tensor.ts";
import type { Tensors } from "../engine/engine.ts";
import type { InputSpec, Model } from "../model/model.ts";
import { toBatch } from "../model/predict.ts";
import type { Image } from "../model/preprocessing.ts";
import { runBatch } from "../model/programs.ts";
import type { Exported, ExportFormat, FormatOptions } from "./format.ts";
import { exportFormats } from "./formats/index.ts";

export interface ExportOptions extends FormatOptions {
  /** Name of the format; ONNX unless given. */
  readonly format?: string;
}

/** A network as other hosts take it, and how it was checked. */
export interface Export extends Exported {
  readonly format: ExportFormat;
  /**
   * The largest between the numbers that the files gave for a picture, opened anew, and the network's own: absolute up to 1, beyond
   * that as a part of the largest.
   */
  readonly difference: number;
}

/**
 * Writes a network for other hosts, opens what was written, and compares the two on a picture of noise.
 * @throws UserError when there is no such format, it cannot hold the network, or preprocessing is asked for that nobody said
 */
export async function exportModel(
  model: Model,
  { format: name = "onnx", ...options }: ExportOptions = {},
): Promise<Export> {
  const format = findFormat(name);
  const exported = format.write(model, options);
  const image = noise(model.input);
  const given = await format.run(exported, image, model);
  const feeds = { [model.input.name]: toBatch(model.input, image) };
  const expected = await runBatch(model, feeds, { key: "forward", derive: (graph) => graph });
  const differences = Object.keys(given).map((output) =>
    difference(numbersOf(given, output), numbersOf(expected, output)),
  );
  return { ...exported, format, difference: Math.max(...differences) };
}

/** @throws UserError listing the formats, the one spelt most alike first, when there is none of that name */
function findFormat(name: string): ExportFormat {
  const format = exportFormats.find((candidate) => candidate.name === name);
  if (format) return format;
  const names = nearestFirst(
    name,
    exportFormats.map((known) => known.name),
  );
  throw new UserError(`There is no format "${name}"; the formats are ${listNames(names)}.`);
}

/** A picture that must be brought to size; as the network takes it where nobody said how pictures become that. */
function noise({ width, height, channels, preprocessing }: InputSpec): Image {
  const source = random(0, "export");
  if (!preprocessing) {
    const shape = [channels, height, width];
    return float32(
      shape,
      Array.from({ length: sizeOf(shape) }, () => source.next()),
    );
  }
  const [wide, high] = [Math.ceil(1.3 * width), Math.ceil(1.7 * height)];
  return picture(
    wide,
    high,
    Uint8Array.from({ length: wide * high * 3 }, () => source.below(256)),
  );
}

const numbersOf = (results: Tensors, name: string): Float32Array => results[name]!.data as Float32Array;

/** See `Export`. */
function difference(given: Float32Array, expected: Float32Array): number {
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return expected.reduce((most, value, at) => Math.max(most, Math.abs(value - given[at]!) / scale), 0);
}
