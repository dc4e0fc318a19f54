import { describe, expect, it } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { type DType, float32, type Tensor, zeros } from "../../src/base/tensor.ts";
import { readNpy, writeNpy } from "../../src/formats/npy.ts";

const dtypes: readonly DType[] = [
  "float32",
  "float64",
  "float16",
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "bool",
];

/** A file of our own making, byte by byte: what NumPy writes, whatever our writer does. */
function file(header: string, data: Uint8Array, version = 1): Uint8Array {
  const length =
    version === 1
      ? [header.length & 255, header.length >> 8]
      : [header.length & 255, header.length >> 8, 0, 0];
  return Uint8Array.from([0x93, ...bytes("NUMPY"), version, 0, ...length, ...bytes(header), ...data]);
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const float32File = file(
  "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n",
  new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, -6.5).buffer),
);

describe("npy files", () => {
  it("reads what NumPy writes, in versions 1 and 2", () => {
    const expected = float32([2, 3], [1, 2, 3, 4, 5, -6.5]);
    expect(readNpy(float32File, "a.npy")).toEqual(expected);
    const long = file(
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(300),
      float32File.subarray(-24),
      2,
    );
    expect(readNpy(long, "a.npy")).toEqual(expected);
  });

  it("writes a header that NumPy reads, padded to 64 bytes", () => {
    const written = writeNpy(float32([2, 3], [1, 2, 3, 4, 5, -6.5]));
    expect(written.length).toBe(128 + 24);
    expect([...written.subarray(0, 10)]).toEqual([0x93, 78, 85, 77, 80, 89, 1, 0, 118, 0]);
    expect(new TextDecoder().decode(written.subarray(10, 128))).toBe(
      `${"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117)}\n`,
    );
  });

  it.for(dtypes)("keeps %s tensors of any rank", (dtype) => {
    for (const shape of [[], [0], [3], [2, 3], [1, 2, 3, 4]]) {
      const tensor: Tensor = zeros(dtype, shape);
      for (let at = 0; at < tensor.data.length; at++)
        tensor.data[at] = typeof tensor.data[at] === "bigint" ? BigInt(at) : dtype === "bool" ? at % 2 : at;
      expect(readNpy(writeNpy(tensor), "t.npy")).toEqual(tensor);
    }
  });

  it("reads a Node buffer at an odd place", () => {
    const pool = Buffer.alloc(float32File.length + 1);
    pool.set(float32File, 1);
    expect([...readNpy(pool.subarray(1), "a.npy").data]).toEqual([1, 2, 3, 4, 5, -6.5]);
  });

  it("takes column order where it means nothing", () => {
    const column = file("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", new Uint8Array(4));
    expect(readNpy(column, "a.npy").shape).toEqual([1]);
  });

  const header = (descr: string, order: string, shape: string): Uint8Array =>
    file(`{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`, new Uint8Array(24));

  it.for([
    [bytes("not numpy at all"), "a.npy is not an .npy file; write it with numpy.save."],
    [new Uint8Array(3), "a.npy is not an .npy file; write it with numpy.save."],
    [file("{}", new Uint8Array(0), 3), "a.npy is an .npy file of version 3; write it with numpy.save."],
    [float32File.subarray(0, 40), "a.npy is truncated; copy or write it again."],
    [float32File.subarray(0, -1), "a.npy is truncated; copy or write it again."],
    [Uint8Array.from([...float32File, 0]), "a.npy holds more bytes than its shape (2, 3); write it again."],
    [
      header("'<f4'", "True", "(2, 3)"),
      "a.npy is in column-major order; save numpy.ascontiguousarray of the array.",
    ],
    [
      header("'>f4'", "False", "(2, 3)"),
      "a.npy holds elements of type >f4; save it as float32, for example.",
    ],
    [header("'<c8'", "False", "(3,)"), "a.npy holds elements of type <c8; save it as float32, for example."],
    [
      header("[('x', '<f4')]", "False", "(6,)"),
      "a.npy holds elements of type structure; save it as float32, for example.",
    ],
    [
      header("'<f4'", "False", "6"),
      "a.npy has an .npy header that cannot be read; write it with numpy.save.",
    ],
    [
      header("'<f4'", "Maybe", "(6,)"),
      "a.npy has an .npy header that cannot be read; write it with numpy.save.",
    ],
    [header("'<f4'", "False", "(99999999999, 99999999999)"), "a.npy is truncated; copy or write it again."],
  ] as const)("refuses %#", ([contents, message]) => {
    expect(() => readNpy(contents, "a.npy")).toThrow(new UserError(message));
  });
});
