import { Damage } from "./errors.ts";
import type { File } from "./file.ts";

/** What finds texts of any length by their heap's address and their index in it; each heap is read once, and each text. */
export function globalTexts(file: File): (address: number, index: number) => string {
  const heaps = new Map<number, Map<number, Uint8Array | string>>();
  return (address, index) => {
    const heap = heaps.get(address) ?? readHeap(file, address);
    heaps.set(address, heap);
    const found = heap.get(index);
    if (found === undefined) throw new Damage("a text that is nowhere");
    const text = typeof found === "string" ? found : new TextDecoder().decode(found);
    heap.set(index, text);
    return text;
  };
}

/** The objects of the heap at `address`, by their index. */
function readHeap(file: File, address: number): Map<number, Uint8Array | string> {
  const header = 8 + file.widths.length;
  const head = file.at(address, header);
  head.expect("GCOL");
  head.expect(1);
  head.skip(3);
  const c = file.at(address, head.length());
  c.skip(header);
  const objects = new Map<number, Uint8Array | string>();
  while (c.left() >= header) {
    const index = c.uint(2);
    c.skip(6);
    const size = c.length();
    // Object 0 is what is free at its end.
    if (index === 0) break;
    objects.set(index, c.bytes(size));
    c.align();
  }
  return objects;
}
