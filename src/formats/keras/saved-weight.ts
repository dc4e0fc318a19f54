import { UserError } from "../../base/errors.ts";
import { bytesOf, float32, viewBytes } from "../../base/tensor.ts";
import { elementOf } from "../../graph/onnx/elements.ts";
import { BFLOAT16 } from "../../graph/onnx/schema.ts";
import type { Dataset, Group } from "../hdf5/hdf5.ts";
import type { SavedWeight } from "./saved-model.ts";

/** A dataset as a weight; Keras says of one whose bits are bfloat16's that they are. */
export function savedWeight(dataset: Dataset, name: string, source: string): SavedWeight {
  const { shape } = dataset;
  return {
    name,
    shape,
    read() {
      const value = dataset.read();
      if (value.dtype === "text")
        throw new UserError(`${source} holds texts as the weight "${name}"; save numbers.`);
      if (value.dtype !== "uint16" || texts(dataset, "dtype")?.[0] !== "bfloat16") return value;
      return float32(shape, viewBytes("float32", elementOf(BFLOAT16)!.widen!(bytesOf(value))));
    },
  };
}

/** The texts of an attribute; undefined if there is none, or of numbers. */
export function texts(object: Dataset | Group, name: string): readonly string[] | undefined {
  const value = object.attribute(name);
  return value?.dtype === "text" ? value.data : undefined;
}
