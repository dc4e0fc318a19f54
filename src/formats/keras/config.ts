import { UserError } from "../../base/errors.ts";
import type { KerasObject } from "./saved-model.ts";
import { isFields } from "./settings.ts";

/**
 * The value that a text of JSON stands for.
 * @param part what of `source` the text is, for errors
 */
export function parseJson(text: string, source: string, part: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError(`${source} has a ${part} that is not JSON; copy or save it again.`);
  }
}

/** What a model is made from, as far as it can be told before it is made. */
export function kerasObject(value: unknown, source: string): KerasObject {
  const { class_name: name, config } = isFields(value) ? value : {};
  if (typeof name === "string" && config !== undefined) return { class_name: name, config };
  throw new UserError(`${source} does not say what its model is made of; save the whole model again.`);
}
