import { Damage } from "./errors.ts";

/** Widths of the numbers that a file gives places and lengths in, as its superblock says. */
export interface Widths {
  readonly offset: number;
  readonly length: number;
}

/** Reads one structure of a file from front to back; every call throws `Damage` where the structure ends too early. */
export interface Cursor {
  /** Bytes that are left. */
  left(): number;
  /** An unsigned number of so many bytes, little-endian. */
  uint(width: number): number;
  /** An address; undefined for the one that says there is none. */
  address(): number | undefined;
  /** A number as wide as lengths are. */
  length(): number;
  /** The same; undefined for the one that says there is no end. */
  limit(): number | undefined;
  bytes(count: number): Uint8Array;
  /** The next bytes as a structure of their own. */
  part(count: number): Cursor;
  skip(count: number): void;
  /** Passes over what fills up a multiple of eight bytes from the structure's begin. */
  align(): void;
  /** Holds the next bytes to a structure's signature or version. */
  expect(expected: string | number): void;
}

export function cursor(bytes: Uint8Array, widths: Widths): Cursor {
  let at = 0;
  const take = (count: number): number => {
    if (!(count >= 0 && count <= bytes.length - at)) throw new Damage("it ends too early");
    at += count;
    return at - count;
  };
  const uint = (width: number): number => {
    const from = take(width);
    let value = 0;
    for (let i = width - 1; i >= 0; i--) value = value * 256 + bytes[from + i]!;
    if (!Number.isSafeInteger(value)) throw new Damage("a number in it is out of range");
    return value;
  };
  const unlessOnes = (width: number): number | undefined => {
    if (bytes.subarray(at, at + width).some((byte) => byte !== 0xff)) return uint(width);
    take(width);
    return undefined;
  };
  const next = (count: number): Uint8Array => {
    const from = take(count);
    return bytes.subarray(from, at);
  };
  return {
    left: () => bytes.length - at,
    uint,
    address: () => unlessOnes(widths.offset),
    limit: () => unlessOnes(widths.length),
    length: () => uint(widths.length),
    bytes: next,
    part: (count) => cursor(next(count), widths),
    skip: take,
    align: () => {
      at = Math.min(Math.ceil(at / 8) * 8, bytes.length);
    },
    expect(expected) {
      const found =
        typeof expected === "number"
          ? uint(1)
          : String.fromCharCode(...bytes.subarray(at, take(expected.length) + expected.length));
      if (found !== expected)
        throw new Damage(
          typeof expected === "number"
            ? `a structure of version ${found}`
            : `no ${expected} where one must be`,
        );
    },
  };
}
