import type { BinaryReader } from "@bufbuild/protobuf/wire";
import { UserError } from "../../base/errors.ts";
import type { Dim, Value } from "../graph.ts";
import { elementOf } from "./elements.ts";
import { UNNAMED, valueFields } from "./schema.ts";
import { each, integer, nested } from "./wire.ts";

/** @throws UserError when its elements are of a type that we don't have */
export function readInput(r: BinaryReader, end: number): Value {
  const { code, ...value } = readTyped(r, end);
  if (code && !elementOf(code))
    throw new UserError(`the input "${value.name}" has an element type (${code}) that cannot be read.`);
  return value;
}

/** A value of a type that we don't have, such as text, is one that the file does not describe. */
export function readValue(r: BinaryReader, end: number): Value {
  const { name, code, dtype, shape } = readTyped(r, end);
  return { name, dtype, shape: elementOf(code) ? shape : undefined };
}

function readTyped(r: BinaryReader, end: number): Value & { readonly code: number } {
  let [name, code] = ["", 0];
  let shape: Dim[] | undefined;
  each(r, end, (field) => {
    if (field === valueFields.name) name = r.string();
    else if (field === valueFields.type)
      each(r, nested(r), (kind) => {
        if (kind !== valueFields.tensorType) return false;
        each(r, nested(r), (part) => {
          if (part === valueFields.elementType) code = r.int32();
          else if (part === valueFields.shape) shape = readShape(r, nested(r));
          else return false;
          return true;
        });
        return true;
      });
    else return false;
    return true;
  });
  return { name, code, dtype: elementOf(code)?.dtype ?? "float32", shape };
}

function readShape(r: BinaryReader, end: number): Dim[] {
  const shape: Dim[] = [];
  each(r, end, (field) => {
    if (field !== valueFields.dim) return false;
    let dim: Dim = UNNAMED;
    each(r, nested(r), (part) => {
      if (part === valueFields.dimValue) dim = integer(r);
      else if (part === valueFields.dimParam) dim = r.string() || UNNAMED;
      else return false;
      return true;
    });
    // Some exporters say -1 for an extent that is free.
    shape.push(typeof dim === "number" && dim < 0 ? UNNAMED : dim);
    return true;
  });
  return shape;
}
