import { mkdtemp, rm, statfs } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { UserError } from "../../base/errors.ts";
import { float32 } from "../../base/tensor.ts";
import { writeFileAtomic } from "../../base/write.node.ts";
import { decodePicture } from "../../data/decode.node.ts";
import { nodeEngine } from "../../engine/node.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import * as op from "../../graph/operators/index.ts";
import { readFonts } from "../../render/font.node.ts";
import type { CommandSpec } from "../command.ts";
import { colors, say, sayJson } from "../output.ts";

/** What training with the defaults takes, in bytes. */
const MEMORY = 1.5 * 2 ** 30;
const SPACE = 0.2 * 2 ** 30;

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GB`;

/** What convscope leans on, each with a check that says what it found or throws. */
const checks: Readonly<Record<string, () => Promise<string>>> = {
  async "Node.js"() {
    const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
    if (major < 20 || (major === 20 && minor < 19))
      throw new Error(`${process.version} is too old; install 20.19 or later`);
    return process.version;
  },
  async "ONNX Runtime"() {
    const engine = nodeEngine();
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2, 2]);
    const program = await engine.compile(g.finish("check", { y: op.matMul(g, x, x) }));
    const { y } = await program.run({ x: float32([2, 2], [1, 2, 3, 4]) });
    await program.dispose();
    if (String(y?.data) !== "7,10,15,22") throw new Error(`a matrix product came out as ${y?.data}`);
    return engine.description;
  },
  async "reading photos"() {
    const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: "#808080" } })
      .jpeg()
      .toBuffer();
    const { data } = await decodePicture(jpeg, "a grey JPEG");
    if (Math.abs(data[0]! - 128) > 2) throw new Error(`a grey JPEG was decoded to ${data[0]}`);
    return `sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`;
  },
  async "fonts for figures"() {
    await readFonts();
    return "found";
  },
  async "writing files"() {
    // Here, where run folders are made.
    const here = process.cwd();
    const folder = await mkdtemp(join(here, ".convscope-"));
    await writeFileAtomic(join(folder, "file"), "content").finally(() => rm(folder, { recursive: true }));
    const { bavail, bsize } = await statfs(here);
    const free = bavail * bsize;
    if (free < SPACE)
      throw new Error(`only ${gigabytes(free)} free in ${here}; a run takes ${gigabytes(SPACE)}`);
    return `${here}, ${gigabytes(free)} free`;
  },
  async "processors and memory"() {
    const memory = totalmem();
    if (memory < MEMORY)
      throw new Error(`only ${gigabytes(memory)}; training takes up to ${gigabytes(MEMORY)}`);
    return `${availableParallelism()} processors, ${gigabytes(memory)}`;
  },
};

export const doctor: CommandSpec = {
  summary: "check that everything convscope leans on works here",
  examples: [["convscope doctor", "one line a check; exit code 1 if any fails"]],
  configure(command) {
    command.option("--json", "one JSON object a check").action(async ({ json }: { json?: boolean }) => {
      let failed = 0;
      for (const [name, check] of Object.entries(checks)) {
        const result = await check().then(
          (found) => ({ ok: true, found }),
          (error: Error) => ({ ok: false, found: error.message }),
        );
        if (!result.ok) failed++;
        if (json) sayJson({ check: name, ...result });
        else
          say(
            `${result.ok ? colors.green("ok    ") : colors.red("failed")}  ${name.padEnd(23)}${result.found}`,
          );
      }
      if (failed > 0) throw new UserError(`${failed} of ${Object.keys(checks).length} checks failed.`);
    });
  },
};
