import { readFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { listNames, UserError } from "../base/errors.ts";
import { type Filter, filters } from "../base/resize-picture.ts";
import type { Model } from "../model/model.ts";
import { openModel } from "../model/open.node.ts";
import { type PresetName, presets } from "../model/preprocessing.ts";
import { part, positiveInteger } from "./options.ts";
import { note } from "./output.ts";

/** What the command line says of a model that does not say it itself. */
export interface ModelOptions {
  readonly preprocess?: PresetName;
  readonly crop?: number;
  readonly filter?: Filter;
  readonly size?: number;
  readonly classes?: string;
}

/** What a command's argument for a model takes. */
export const MODEL =
  "a run folder, a model of ONNX, Keras or TensorFlow.js, or an architecture with published weights";

/** Adds the options for a model from elsewhere. */
export function modelOptions(command: Command): void {
  command
    .optionsGroup("A model from elsewhere:")
    .addOption(
      new Option("--preprocess <name>", "how pixels become numbers, where the model does not say").choices(
        Object.keys(presets),
      ),
    )
    .option(
      "--crop <part>",
      "keep the aspect and this part of the shorter side, such as 0.875; else squash",
      part,
    )
    .addOption(new Option("--filter <name>", "how pictures are resized; linear unless said").choices(filters))
    .option("--size <pixels>", "side of the picture, where the model leaves it free", positiveInteger)
    .option(
      "--classes <file>",
      "class names in order, one a line or a JSON array; else ImageNet's if they are 1000",
    );
}

/** Opens the model that a command was given. */
export async function openGiven(path: string, options: ModelOptions): Promise<Model> {
  const { preprocess, crop, filter, size, classes } = options;
  const model = await openModel(path, {
    ...(preprocess === undefined ? {} : { preprocessing: preprocess }),
    ...(crop === undefined ? {} : { crop }),
    ...(filter === undefined ? {} : { filter }),
    ...(size === undefined ? {} : { size }),
    ...(classes === undefined ? {} : { classes: await readClasses(classes) }),
  });
  const { guessed } = model;
  if (guessed)
    note(
      `scores are taken from the output "${guessed.output}"; they could be those of ${listNames(guessed.others)} too: name the classes of the ones you mean (--classes)`,
    );
  return model;
}

/** Class names from a file: one a line, or a JSON array. */
export async function readClasses(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`${path} cannot be read (${error.code}); give a file of class names.`);
  });
  if (!/^\s*[[{]/.test(text)) return text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const names: unknown = parsed(text, path);
  if (Array.isArray(names) && names.every((name) => typeof name === "string")) return names;
  throw new UserError(`${path} holds no JSON array of class names; give one, or one name a line.`);
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError(`${path} is not valid JSON; give a JSON array of class names, or one name a line.`);
  }
}
