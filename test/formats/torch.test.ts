import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { sizeOf } from "../../src/base/tensor.ts";
import { readTorch } from "../../src/formats/torch.ts";
import { type Initializer, initializerTensor } from "../../src/graph/graph.ts";
import { expectSturdy, patience } from "../fuzz.ts";

const fixture = (name: string): Uint8Array => readFileSync(join(import.meta.dirname, "fixtures", name));

const plain = (constant: Initializer) => {
  const { dtype, shape, data } = initializerTensor(constant);
  return [dtype, shape, Array.from(data as ArrayLike<number | bigint>, Number)];
};

const counted = Array.from({ length: 12 }, (_, at) => at);

test.each(["state-dict.pth", "state-dict-stream.pth"])(
  "%s: a state dict, as torch.save has written it",
  (name) => {
    const tensors = readTorch(fixture(name), name);
    expect(Object.fromEntries([...tensors].map(([key, value]) => [key, plain(value)]))).toEqual({
      weight: ["float32", [3, 4], counted],
      turned: ["float32", [4, 3], [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]],
      part: ["float32", [2, 2], [6, 7, 10, 11]],
      // Half floats travel as their bits.
      half: ["float16", [2], [0x3800, 0xc000]],
      count: ["int64", [], [7]],
      flags: ["bool", [2], [1, 0]],
      shared: ["float32", [3, 4], counted],
    });
  },
);

test("a checkpoint: the state dict that it keeps under a usual name", () => {
  const tensors = readTorch(fixture("checkpoint.pth"), "a.pth");
  expect([...tensors].map(([name, value]) => [name, ...plain(value)])).toEqual([
    ["bias", "float32", [2], [1, 2]],
  ]);
});

/** A pickle of protocol 2 in a file as versions before 1.6 wrote it. */
function stream(object: string): Uint8Array {
  const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const [magic, version, system] = [
    "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.",
    "\x80\x02M\xe9\x03.",
    "\x80\x02}.",
  ];
  return latin1(`${magic}${version}${system}\x80\x02${object}.\x80\x02].`);
}

describe("nothing in a file is run", () => {
  it("refuses modules, and whatever else would have to be called, by name", () => {
    expect(() => readTorch(fixture("whole-module.pth"), "a.pth")).toThrow(
      /^a\.pth holds torch\.nn\.modules\.linear\.Linear; save the network's tensors alone/,
    );
    expect(() => readTorch(stream("cos\nsystem\n(X\x04\x00\x00\x00truetR"), "a.pth")).toThrow(
      /^a\.pth holds (posix|os)\.system; /,
    );
    expect(() => readTorch(stream("cbuiltins\neval\n(X\x01\x00\x00\x001tR"), "a.pth")).toThrow(
      "a.pth holds builtins.eval; ",
    );
  });

  it("refuses what holds no tensors, or ends too early", () => {
    expect(() => readTorch(stream("}"), "a.pth")).toThrow("a.pth holds no state dict; ");
    for (const name of ["state-dict.pth", "state-dict-stream.pth"]) {
      const whole = fixture(name);
      for (const part of [0.3, 0.6, 0.95])
        expect(() => {
          for (const tensor of readTorch(whole.subarray(0, part * whole.length), "a.pth").values())
            tensor.bytes;
        }, `${name} ${part}`).toThrow(/^a\.pth /);
    }
  });
});

test("damaged files are read, or refused in words", { timeout: patience }, () => {
  const files = ["state-dict.pth", "state-dict-stream.pth", "checkpoint.pth"].map(fixture);
  expectSturdy(files, "damaged.pth", (file) => {
    for (const tensor of readTorch(file, "damaged.pth").values())
      expect(initializerTensor(tensor).data.length).toBe(sizeOf(tensor.shape));
  });
});
