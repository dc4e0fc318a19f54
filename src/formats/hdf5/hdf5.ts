import { type ByteSource, memorySource } from "../../base/byte-source.ts";
import { UserError } from "../../base/errors.ts";
import type { DType } from "../../base/tensor.ts";
import { readAttribute } from "./attributes.ts";
import { readDatatype } from "./datatype.ts";
import { Damage, readingError, Unsupported } from "./errors.ts";
import type { File } from "./file.ts";
import { readLayout } from "./layout.ts";
import { readLinks } from "./links.ts";
import { kinds, type Messages, readMessages } from "./messages.ts";
import { readSuperblock, superblockAt } from "./superblock.ts";
import { decode, readDataspace, type Value } from "./values.ts";

/** What groups and datasets have in common; each call reads what it needs of the file, and throws a UserError if it cannot. */
interface Named {
  /** From the root, such as `/model_weights/conv2d`. */
  readonly path: string;
  /** The value of an attribute; undefined if there is none of that name. */
  attribute(name: string): Value | undefined;
}

export interface Group extends Named {
  readonly kind: "group";
  /** Of its members, as the file orders them. */
  names(): string[];
  /** The member at a path such as `conv2d/kernel:0`; undefined if there is none. Links to other places are not followed. */
  member(path: string): Group | Dataset | undefined;
}

export interface Dataset extends Named {
  readonly kind: "dataset";
  readonly dtype: DType | "text";
  /** `[]` for one element alone. */
  readonly shape: readonly number[];
  /** Its elements, read anew each time; of a file in memory, a view of it where they lie in it as we want them. */
  read(): Value;
}

/** Whether a file is HDF5's, whatever its name. */
export const isHdf5 = (source: ByteSource): boolean => superblockAt(source) !== undefined;

/**
 * Opens an HDF5 file by the format's specification, version 3.0, without reading more than the head of its root group: what
 * h5py and the library behind it write of numbers, truth values and texts.
 * @param source what to call the file in errors
 * @returns its root group
 * @throws UserError when it is not HDF5, cut short, or damaged where it is looked at
 */
export function openHdf5(file: Uint8Array | ByteSource, source: string): Group {
  const bytes = file instanceof Uint8Array ? memorySource(file) : file;
  const begin = superblockAt(bytes);
  if (begin === undefined)
    throw new UserError(`${source} is not an HDF5 file; give one that h5py or Keras wrote.`);
  try {
    const { file: opened, root } = readSuperblock(bytes, source, begin);
    const object = objectAt(opened, root, "/");
    if (object.kind !== "group") throw new Damage("no group at its root");
    return object;
  } catch (error) {
    throw readingError(error, source, "/");
  }
}

function objectAt(file: File, address: number, path: string): Group | Dataset {
  const messages = readMessages(file, address);
  return messages.has(kinds.dataspace) ? datasetOf(file, messages, path) : groupOf(file, messages, path);
}

const named = (file: File, messages: Messages, path: string): Named => ({
  path,
  attribute: (name) => file.operation(path, () => readAttribute(file, messages, name)),
});

function datasetOf(file: File, messages: Messages, path: string): Dataset {
  const space = readDataspace(messages.first(kinds.dataspace)!);
  const description = messages.first(kinds.datatype);
  if (!description) throw new Damage("a dataset without a type");
  const type = readDatatype(description);
  const { shape } = space;
  const bytes = readLayout(file, messages, type, space);
  return {
    ...named(file, messages, path),
    kind: "dataset",
    dtype: type.kind === "number" ? type.dtype : "text",
    shape,
    read: () => file.operation(path, () => decode(file, type, shape, bytes())),
  };
}

function groupOf(file: File, messages: Messages, path: string): Group {
  const links = readLinks(file, messages);
  if (!links) throw new Unsupported("something that is neither group nor dataset");
  const member = (name: string): Group | Dataset | undefined => {
    const [first, ...rest] = name.split("/");
    if (!links.has(first!)) return undefined;
    const address = links.get(first!);
    const place = `${path === "/" ? "" : path}/${first}`;
    const found = file.operation(place, () => {
      if (address === undefined) throw new Unsupported("a link to another place");
      return objectAt(file, address, place);
    });
    if (rest.length === 0) return found;
    return found.kind === "group" ? found.member(rest.join("/")) : undefined;
  };
  return { ...named(file, messages, path), kind: "group", names: () => [...links.keys()], member };
}
