import { bytesOf, sizeOf, type Tensor } from "../../base/tensor.ts";
import { checksum } from "./checksum.ts";
import { kinds } from "./messages.ts";
import { SIGNATURE } from "./superblock.ts";
import { textHeap } from "./write-heap.ts";

/** An array of float32; its numbers are read when they are written. */
export interface NewDataset {
  readonly shape: readonly number[];
  read(): Tensor<"float32">;
}

/** A group to be written; names of members are free of slashes. */
export interface NewGroup {
  /** A text, or a list of texts. */
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>;
  readonly members?: ReadonlyMap<string, NewGroup | NewDataset>;
}

/** What says that there is no address. */
const NOWHERE: readonly number[] = new Array<number>(8).fill(0xff);

const SUPERBLOCK_SIZE = 48;

/**
 * An HDF5 file by the format's specification, version 3.0, that HDF5 1.8 and later read: a superblock of version 2, headers of version 2
 * that hold links and attributes themselves, arrays as they are, texts in a global heap. The same content gives the same bytes.
 */
export function writeHdf5(root: NewGroup): Uint8Array {
  const pieces: { readonly at: number; readonly read: () => Uint8Array }[] = [];
  let end = SUPERBLOCK_SIZE;
  const place = (size: number, read: () => Uint8Array): number => {
    const at = end;
    pieces.push({ at, read });
    // Numbers lie where they can be viewed in place.
    end = Math.ceil((at + size) / 8) * 8;
    return at;
  };
  const placed = (bytes: Uint8Array): number => place(bytes.length, () => bytes);

  const heap = textHeap(textsIn(root));
  const heapAddress = placed(heap.bytes);
  const reference = (text: string): number[] => {
    const { length, index } = heap.find(text);
    return [...le(length, 4), ...le(heapAddress, 8), ...le(index, 4)];
  };

  const objectAt = (object: NewGroup | NewDataset): number => {
    if ("read" in object) {
      const size = 4 * sizeOf(object.shape);
      const data =
        size > 0
          ? le(
              place(size, () => bytesOf(object.read())),
              8,
            )
          : NOWHERE;
      return placed(header(datasetMessages(object.shape, [...data, ...le(size, 8)])));
    }
    const { attributes = {}, members = new Map() } = object;
    const links = [...members].map(([name, member]) => link(name, objectAt(member)));
    const described = Object.entries(attributes).map(([name, value]) => attribute(name, value, reference));
    return placed(header([...emptyGroup, ...links, ...described]));
  };
  const rootAddress = objectAt(root);

  const file = new Uint8Array(end);
  file.set(superblock(rootAddress, end));
  for (const { at, read } of pieces) file.set(read(), at);
  return file;
}

function* textsIn({ attributes = {}, members = new Map() }: NewGroup): Generator<string> {
  for (const value of Object.values(attributes)) yield* typeof value === "string" ? [value] : value;
  for (const member of members.values()) if (!("read" in member)) yield* textsIn(member);
}

/** A number of so many bytes, little-endian. */
const le = (value: number, width: number): number[] =>
  Array.from({ length: width }, (_, at) => Math.floor(value / 256 ** at) % 256);

const summed = (bytes: readonly number[]): Uint8Array =>
  Uint8Array.from([...bytes, ...le(checksum(Uint8Array.from(bytes)), 4)]);

function superblock(root: number, end: number): Uint8Array {
  const versionAndWidths = [2, 8, 8, 0];
  return summed([...SIGNATURE, ...versionAndWidths, ...le(0, 8), ...NOWHERE, ...le(end, 8), ...le(root, 8)]);
}

type Message = readonly [kind: number, bytes: readonly number[]];

/** An object's header of version 2, its size in four bytes. */
function header(messages: readonly Message[]): Uint8Array {
  const body = messages.flatMap(([kind, bytes]) => [kind, ...le(bytes.length, 2), 0, ...bytes]);
  return summed([...ascii("OHDR"), 2, 2, ...le(body.length, 4), ...body]);
}

/** A group whose links are all in its header. */
const emptyGroup: readonly Message[] = [
  [kinds.linkInfo, [0, 0, ...NOWHERE, ...NOWHERE]],
  [kinds.groupInfo, [0, 0]],
];

const UTF8 = 1;

/** Its flags say that a character set is given, and the name's length in two bytes. */
function link(name: string, address: number): Message {
  const text = utf8(name);
  return [kinds.link, [1, 0x11, UTF8, ...le(text.length, 2), ...text, ...le(address, 8)]];
}

function attribute(
  name: string,
  value: string | readonly string[],
  reference: (text: string) => number[],
): Message {
  const text = [...utf8(name), 0];
  const space = typeof value === "string" ? dataspace() : dataspace([value.length]);
  const sizes = [text.length, textType.length, space.length].flatMap((size) => le(size, 2));
  const elements = [value].flat().flatMap(reference);
  return [kinds.attribute, [3, 0, ...sizes, UTF8, ...text, ...textType, ...space, ...elements]];
}

/** A scalar without a shape. */
const dataspace = (shape?: readonly number[]): number[] =>
  shape ? [2, shape.length, 0, 1, ...shape.flatMap((extent) => le(extent, 8))] : [2, 0, 0, 0];

/** Texts of any length in UTF-8: sequences of single bytes, each a length and a place in a heap. */
const textType = [0x19, 1, UTF8, 0, ...le(16, 4), 0x10, 0, 0, 0, ...le(1, 4), ...le(0, 2), ...le(8, 2)];

/** IEEE 754's, little-endian: sign at bit 31, 8 bits of exponent from 23, 23 of mantissa from 0. */
const float32Type = [0x11, 0x20, 31, 0, ...le(4, 4), ...le(0, 2), ...le(32, 2), 23, 8, 0, 23, ...le(127, 4)];

/** @param place address and size of the elements, which lie in one piece */
function datasetMessages(shape: readonly number[], place: readonly number[]): Message[] {
  const filledLateIfSaid = [3, 0x0a];
  const contiguous = [3, 1];
  return [
    [kinds.dataspace, dataspace(shape)],
    [kinds.datatype, float32Type],
    [kinds.fillValue, filledLateIfSaid],
    [kinds.layout, [...contiguous, ...place]],
  ];
}

const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));

const utf8 = (text: string): number[] => [...new TextEncoder().encode(text)];
