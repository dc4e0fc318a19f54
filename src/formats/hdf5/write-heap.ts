/** The least that a heap takes. */
const SMALLEST = 4096;

/** Of the heap, and of each text in it. */
const HEADER = 16;

/** Numbers that a text may have in a heap. */
const MOST = 0xffff;

/** A global heap with each of the texts once. */
export interface TextHeap {
  readonly bytes: Uint8Array;
  /** The text's bytes, and its number in the heap. */
  find(text: string): { readonly length: number; readonly index: number };
}

/** @throws RangeError for more than 65,535 texts that are not the same */
export function textHeap(texts: Iterable<string>): TextHeap {
  const encoded = new Map([...texts].map((text) => [text, new TextEncoder().encode(text)]));
  if (encoded.size > MOST) throw new RangeError(`${encoded.size} texts do not fit into one heap`);
  const room = ({ length }: Uint8Array): number => HEADER + Math.ceil(length / 8) * 8;
  const used = [...encoded.values()].reduce((sum, text) => sum + room(text), HEADER);
  // What is left free has a header too.
  const bytes = new Uint8Array(Math.max(used + HEADER, SMALLEST));
  const view = new DataView(bytes.buffer);
  const length = (at: number, value: number): void => view.setBigUint64(at, BigInt(value), true);
  bytes.set([..."GCOL"].map((letter) => letter.charCodeAt(0)));
  view.setUint8(4, 1);
  length(8, bytes.length);
  const places = new Map<string, { length: number; index: number }>();
  let at = HEADER;
  for (const [text, content] of encoded) {
    const index = places.size + 1;
    view.setUint16(at, index, true);
    length(at + 8, content.length);
    bytes.set(content, at + HEADER);
    places.set(text, { length: content.length, index });
    at += room(content);
  }
  length(at + 8, bytes.length - at);
  return { bytes, find: (text) => places.get(text)! };
}
