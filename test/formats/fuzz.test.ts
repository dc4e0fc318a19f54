import { describe, expect, it } from "vitest";
import { float32, int64, sizeOf, type Tensor } from "../../src/base/tensor.ts";
import { readNpy, writeNpy } from "../../src/formats/npy.ts";
import { readSafetensors, writeSafetensors } from "../../src/formats/safetensors.ts";
import { expectSturdy, patience } from "../fuzz.ts";

const bytes: Tensor = { dtype: "uint8", shape: [3], data: Uint8Array.of(1, 2, 3) };
const tensors: readonly Tensor[] = [float32([2, 3], [1, 2, 3, 4, 5, 6]), int64([], [7]), bytes];

/** What the types of a reader promise. */
function expectWhole({ shape, data }: Tensor): void {
  expect(data.length).toBe(sizeOf(shape));
}

describe("damaged files of tensors are read, or refused in words", { timeout: patience }, () => {
  it("npy", () => {
    expectSturdy(tensors.map(writeNpy), "damaged.npy", (file) => expectWhole(readNpy(file, "damaged.npy")));
  });

  it("safetensors", () => {
    const named = new Map(tensors.map((tensor, index) => [`tensor ${index}`, tensor]));
    const files = [writeSafetensors(named, { classes: '["cat","dog"]' }), writeSafetensors(new Map())];
    expectSturdy(files, "damaged.safetensors", (file) => {
      const { tensors: read, metadata } = readSafetensors(file, "damaged.safetensors");
      read.forEach(expectWhole);
      for (const text of Object.values(metadata)) expect(typeof text).toBe("string");
    });
  });
});
