import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { float32 } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { openOnnx } from "../../src/graph/onnx/open.node.ts";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";

const folder = mkdtempSync(join(tmpdir(), "convscope-mapped-"));
const usual = process.env.TMPDIR;
// A folder of our own: other processes make and remove theirs in the common one meanwhile.
const temporary = join(folder, "temporary");
mkdirSync(temporary);
process.env.TMPDIR = temporary;
afterAll(() => {
  if (usual === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = usual;
  rmSync(folder, { recursive: true });
});

// 8 × 8 × 3 × 3 and 72 × 32 float32 are large enough to stay in their file.
const { graph } = smallConvnet({ classes: ["a", "b"], size: 20, filters: [8, 16], units: 32, seed: 5 });
const path = join(folder, "model.onnx");
writeFileSync(path, writeOnnx(graph));
const image = float32(
  [1, 3, 20, 20],
  Float32Array.from({ length: 1200 }, (_, i) => Math.sin(i)),
);

async function logitOf(opened: typeof graph): Promise<number> {
  const program = await nodeEngine().compile(opened);
  const { logits } = await program.run({ image });
  await program.dispose();
  return Number(logits!.data[0]);
}

/** An engine that must not read: asking for the bytes of a large weight is the test's failure. */
function unreadable(opened: typeof graph): typeof graph {
  const initializers = [...opened.initializers].map(([name, weight]) => {
    const { dtype, shape, file } = weight;
    const small = shape.reduce((a, b) => a * b, 4) < 4096;
    if (small || !file) return [name, weight] as const;
    const guarded = {
      ...{ name, dtype, shape, file },
      get bytes(): Uint8Array {
        throw new Error(`"${name}" was read`);
      },
    };
    return [name, guarded] as const;
  });
  return { ...opened, initializers: new Map(initializers) };
}

const leftovers = (): string[] =>
  [tmpdir(), dirname(path)].flatMap((parent) =>
    readdirSync(parent).filter((name) => name.startsWith(".convscope-")),
  );

test("weights are run from the file that they lie in, unread, and nothing is left behind", async () => {
  const opened = unreadable(openOnnx(path));
  expect([...opened.initializers.values()].some(({ file }) => file)).toBe(true);
  expect(await logitOf(opened)).toBe(await logitOf(graph));
  expect(leftovers()).toEqual([]);
});

const otherDisk = "/dev/shm";

test.skipIf(!existsSync(otherDisk))("where temporary files are on another disk, too", async () => {
  process.env.TMPDIR = mkdtempSync(join(otherDisk, "convscope-mapped-"));
  onTestFinished(() => {
    rmSync(process.env.TMPDIR!, { recursive: true });
    process.env.TMPDIR = temporary;
  });
  expect(await logitOf(unreadable(openOnnx(path)))).toBe(await logitOf(graph));
  expect(leftovers()).toEqual([]);
});

test("where no link can be made they are read", async () => {
  const opened = openOnnx(path);
  const initializers = [...opened.initializers].map(([name, { dtype, shape, bytes, file }]) => {
    const weight = { name, dtype, shape, bytes };
    return [
      name,
      file ? { ...weight, file: { ...file, path: join(folder, "gone", "model.onnx") } } : weight,
    ] as const;
  });
  expect(await logitOf({ ...opened, initializers: new Map(initializers) })).toBe(await logitOf(graph));
  expect(leftovers()).toEqual([]);
});
