import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { drawAnimal } from "../../src/data/synthetic/index.ts";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { encodePng } from "../../src/render/png.ts";
import type { BenchCase } from "../case.ts";
import { network } from "../network.ts";
import { timed } from "../timing.ts";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export const predict: BenchCase = {
  name: "predict",
  summary: "convscope predict of one photo, from process start to exit",
  async run({ repeat, report }) {
    const folder = mkdtempSync(join(tmpdir(), "convscope-bench-"));
    const [model, photo] = [join(folder, "model.onnx"), join(folder, "photo.png")];
    writeFileSync(model, writeOnnx(network().graph));
    writeFileSync(
      photo,
      encodePng(drawAnimal({ seed: 0, name: "bench", label: 0, width: 640, height: 480 }).picture),
    );
    const run = async (): Promise<void> => {
      const { status, stderr } = spawnSync(process.execPath, [main, "predict", model, photo, "--json"], {
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(`predict failed (has \`npm run build\` been run?): ${stderr}`);
    };
    report(await timed("predict", "process start to exit", run, Math.min(repeat, 7)));
    rmSync(folder, { recursive: true });
  },
};
