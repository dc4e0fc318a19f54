import type { ByteSource } from "../../base/byte-source.ts";
import type { Input } from "./read-tensor.ts";
import { attributeFields, graphFields, model, nodeFields, tensorFields } from "./schema.ts";

/** How much of a file is read at a time. */
const WINDOW = 65_536;

/** Payloads of more bytes than this stay in the file. */
const LONGEST = 1024;

type Kind = "model" | "graph" | "node" | "attribute" | "tensor" | "payload";

/** The way from a model to the payloads of its tensors: what lies in a field of a message. */
const ways: Readonly<Record<Kind, Readonly<Record<number, Kind>>>> = {
  model: { [model.graph]: "graph" },
  graph: { [graphFields.node]: "node", [graphFields.initializer]: "tensor" },
  node: { [nodeFields.attribute]: "attribute" },
  attribute: { [attributeFields.t]: "tensor", [attributeFields.g]: "graph" },
  tensor: { [tensorFields.rawData]: "payload", [tensorFields.floatData]: "payload" },
  payload: {},
};

/** Messages within messages; the reader of graphs ends long before. */
const DEEPEST = 200;

/**
 * A model's structure without the weights, whose places are noted instead; little more than it is read from the file.
 * @throws RangeError when lengths in it do not agree with each other or with the file
 */
export function prune(source: ByteSource): Pick<Input, "bytes" | "leftOut"> {
  const places = new Map<number, { offset: number; length: number }>();
  const out = new Collector();
  let window: { start: number; bytes: Uint8Array } = { start: 0, bytes: new Uint8Array(0) };
  let at = 0;
  let kept = 0;

  const byte = (): number => {
    const index = at - window.start;
    const inside = index >= 0 && index < window.bytes.length;
    if (!inside) {
      if (at >= source.size) throw new RangeError("premature end");
      window = { start: at, bytes: source.read(at, Math.min(WINDOW, source.size - at)) };
    }
    return window.bytes[at++ - window.start]!;
  };
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const part = byte();
      value += (part & 127) * scale;
      if (part < 128) return value;
    }
    throw new RangeError("a number has too many bytes");
  };
  /** Takes over what lies between the end of what was taken last and `end`. */
  const keepTo = (end: number): void => {
    const [first, last] = [kept - window.start, end - window.start];
    const held = first >= 0 && last <= window.bytes.length;
    if (end > kept) out.add(held ? window.bytes.subarray(first, last) : source.read(kept, end - kept));
    kept = end;
  };
  const message = (kind: Kind, end: number, depth: number): void => {
    if (depth > DEEPEST) throw new RangeError("messages are nested too deep");
    while (at < end) {
      const tag = varint();
      const beforeLength = at;
      const length = [varint, () => 8, varint, undefined, undefined, () => 4][tag % 8]?.();
      if (length === undefined) throw new RangeError("a field has no length");
      if (tag % 8 === 0) continue;
      const last = at + length;
      if (last > end) throw new RangeError("premature end");
      const inner = tag % 8 === 2 ? ways[kind][Math.floor(tag / 8)] : undefined;
      if (inner === "payload" && length > LONGEST) {
        keepTo(beforeLength);
        out.add(Uint8Array.of(0));
        places.set(out.length, { offset: at, length });
        kept = last;
      } else if (inner && inner !== "payload") {
        keepTo(beforeLength);
        const place = out.length;
        // The length of what remains, in as many bytes as the original took.
        const digits = at - beforeLength;
        out.add(new Uint8Array(digits));
        kept = at;
        message(inner, last, depth + 1);
        keepTo(last);
        out.setVarint(place, digits, out.length - place - digits);
      }
      at = last;
    }
    if (at !== end) throw new RangeError("a message runs past its end");
  };
  message("model", source.size, 0);
  keepTo(source.size);
  return { bytes: out.whole(), leftOut: { source, places } };
}

/** Bytes that grow in number. */
class Collector {
  #bytes = new Uint8Array(WINDOW);
  length = 0;

  add(bytes: Uint8Array): void {
    const needed = this.length + bytes.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      larger.set(this.whole());
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.length);
    this.length = needed;
  }

  /** A number as a varint of exactly `digits` bytes. */
  setVarint(at: number, digits: number, value: number): void {
    for (let digit = 0, rest = value; digit < digits; digit++, rest = Math.floor(rest / 128))
      this.#bytes[at + digit] = (rest % 128) + (digit < digits - 1 ? 128 : 0);
  }

  whole(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}
