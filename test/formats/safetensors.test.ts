import { describe, expect, it } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { float32, int64, type Tensor, zeros } from "../../src/base/tensor.ts";
import { readSafetensors, writeSafetensors } from "../../src/formats/safetensors.ts";

/** A file with any header, of our own making. */
function file(header: unknown, body: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const start = new Uint8Array(8);
  new DataView(start.buffer).setBigUint64(0, BigInt(text.length), true);
  return Uint8Array.from([...start, ...text, ...body]);
}

const entry = (shape: readonly number[], begin: number, end: number, dtype = "F32"): object => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe("safetensors files", () => {
  const tensors = new Map<string, Tensor>([
    ["half", { dtype: "float16", shape: [3], data: Uint16Array.of(1, 2, 3) }],
    ["weights", float32([2, 3], [1, 2, 3, 4, 5, -6.5])],
    ["empty", zeros("float32", [0, 4])],
    ["steps", int64([], [42])],
    ["mask", { dtype: "bool", shape: [1], data: Uint8Array.of(1) }],
  ]);

  it("come back as they were written, with their metadata", () => {
    const read = readSafetensors(writeSafetensors(tensors, { epoch: "3", name: "é" }), "a");
    expect(Object.fromEntries(read.tensors)).toEqual(Object.fromEntries(tensors));
    expect(read.metadata).toEqual({ epoch: "3", name: "é" });
  });

  it("are read as views of the file", () => {
    const bytes = writeSafetensors(tensors);
    for (const { data } of readSafetensors(bytes, "a").tensors.values())
      expect(data.buffer).toBe(bytes.buffer);
  });

  it("are read from anywhere in a Node buffer", () => {
    const bytes = writeSafetensors(tensors);
    for (const offset of [1, 2, 4]) {
      const pool = Buffer.alloc(bytes.length + offset);
      pool.set(bytes, offset);
      const read = readSafetensors(pool.subarray(offset), "a");
      expect([...read.tensors.get("weights")!.data]).toEqual([1, 2, 3, 4, 5, -6.5]);
    }
  });

  it("are read as others write them", () => {
    const body = new Uint8Array(Float32Array.of(1.5, -2).buffer);
    const read = readSafetensors(file({ b: entry([1], 4, 8), a: entry([1, 1], 0, 4) }, body), "a");
    expect(Object.fromEntries(read.tensors)).toEqual({ a: float32([1, 1], [1.5]), b: float32([1], [-2]) });
    expect(readSafetensors(file({}), "a").tensors.size).toBe(0);
  });

  const message = (why: string): UserError =>
    new UserError(`a.safetensors is not a whole safetensors file (${why}); copy or write it again.`);

  it("are refused wherever they are cut", () => {
    const bytes = writeSafetensors(tensors, { epoch: "3" });
    for (let end = 0; end < bytes.length; end++)
      expect(() => readSafetensors(bytes.subarray(0, end), "a.safetensors")).toThrow(
        /^a\.safetensors is not a whole safetensors file \(.+\); copy or write it again\.$/,
      );
  });

  it.for([
    [new Uint8Array(5), "it is shorter than its header"],
    [Uint8Array.from([255, 255, 255, 255, 255, 255, 255, 255, 0]), "it ends inside its header"],
    [file("[1]"), "its header is not JSON"],
    [file("{"), "its header is not JSON"],
    [file({ a: entry([1], 0, 4) }), 'it ends inside "a"'],
    [file({ a: entry([1], 0, 4) }, new Uint8Array(5)), "bytes are left over at its end"],
    [
      file({ a: entry([2], 0, 8), b: entry([1], 4, 8) }, new Uint8Array(8)),
      '"b" overlaps another tensor or leaves a gap',
    ],
    [
      file({ a: entry([1], 0, 4), b: entry([1], 8, 12) }, new Uint8Array(12)),
      '"b" overlaps another tensor or leaves a gap',
    ],
    [file({ a: entry([2], 0, 4) }, new Uint8Array(4)), '"a" [2] does not fill its bytes'],
    [
      file({ a: entry([4294967296, 4294967296], 0, 4) }, new Uint8Array(4)),
      '"a" [4294967296, 4294967296] does not fill its bytes',
    ],
    [file({ a: entry([-1], 0, 4) }, new Uint8Array(4)), '"a" is described wrongly'],
    [file({ a: entry([1], 0, 1e300) }, new Uint8Array(4)), '"a" is described wrongly'],
    [file({ a: null }), '"a" has the element type undefined'],
    [file({ a: entry([1], 0, 1, "F8_E4M3") }, new Uint8Array(1)), '"a" has the element type F8_E4M3'],
  ] as const)("are refused: %#", ([contents, why]) => {
    expect(() => readSafetensors(contents, "a.safetensors")).toThrow(message(why));
  });
});
