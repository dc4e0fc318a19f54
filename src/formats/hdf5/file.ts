import type { ByteSource } from "../../base/byte-source.ts";
import { type Cursor, cursor, type Widths } from "./cursor.ts";
import { Damage, readingError } from "./errors.ts";

/** A file that is being read. */
export interface File {
  readonly widths: Widths;
  readonly size: number;
  /** What to call it in errors. */
  readonly name: string;
  /** The bytes from an address on. */
  read(address: number, length: number): Uint8Array;
  /** The same, to be read as a structure. */
  at(address: number, length: number): Cursor;
  /** One call from outside, which is about the object at `place`; errors are told in the words of its caller. */
  operation<T>(place: string, work: () => T): T;
}

/** What each read counts besides its bytes. */
const EFFORT = 16;

/**
 * The file behind `source`. One operation may read a few times the file's size and no more, since a whole file holds nothing twice: so
 * nothing that is damaged, circles or nests without end can keep us busy.
 * @param base where address 0 is
 */
export function fileOf(source: ByteSource, name: string, widths: Widths, base: number): File {
  const allowance = 4 * source.size + 2 ** 20;
  let spent = 0;
  const read = (address: number, length: number): Uint8Array => {
    if (!(base + address + length <= source.size)) throw new Damage("it ends too early");
    spent += length + EFFORT;
    if (spent > allowance) throw new Damage("it leads to the same places again and again");
    return source.read(base + address, length);
  };
  return {
    widths,
    size: source.size,
    name,
    read,
    at: (address, length) => cursor(read(address, length), widths),
    operation(place, work) {
      spent = 0;
      try {
        return work();
      } catch (error) {
        throw readingError(error, name, place);
      }
    },
  };
}
