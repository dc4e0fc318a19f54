import { type BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** Calls `read` for each field up to `end`; a field that it does not take is passed over. */
export function each(r: BinaryReader, end: number, read: (field: number, wire: WireType) => boolean): void {
  while (r.pos < end) {
    const [field, wire] = r.tag();
    if (!read(field, wire)) r.skip(wire, field);
  }
  if (r.pos !== end) throw new RangeError("a message runs past its end");
}

/** Enters a length-delimited field and returns where it ends. */
export function nested(r: BinaryReader): number {
  const end = r.uint32() + r.pos;
  if (end > r.len) throw new RangeError("premature end");
  return end;
}

/** A repeated number, packed or one at a time. */
export function repeated(r: BinaryReader, wire: WireType, read: () => void): void {
  if (wire === WireType.LengthDelimited) {
    const end = nested(r);
    while (r.pos < end) read();
  } else read();
}

/** A whole number that must be exact, such as an extent. */
export function integer(r: BinaryReader): number {
  const value = Number(r.int64());
  if (!Number.isSafeInteger(value)) throw new RangeError("an integer is out of range");
  return value;
}

/** A whole number of an attribute: those past 2⁵³ mean "to the end", and the largest exact one means the same. */
export function saturated(r: BinaryReader): number {
  return Math.min(Math.max(Number(r.int64()), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}

/** ONNX's own operators have two names for their domain. */
export const canonical = (domain: string): string => (domain === "ai.onnx" ? "" : domain);
