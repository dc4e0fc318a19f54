import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeOnnx } from "../src/graph/onnx/write.ts";
import type { Architecture } from "../src/model/architecture.ts";
import type { Model } from "../src/model/model.ts";
import { openModel } from "../src/model/open.node.ts";
import { closeModel } from "../src/model/programs.ts";

/** Does something with the file of an architecture with random weights, as an exporter would leave it: without our description. */
export async function withFile(
  { build }: Architecture,
  action: (file: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "convscope-bench-"));
  try {
    const file = join(folder, "model.onnx");
    writeFileSync(file, writeOnnx({ ...build().graph, metadata: new Map() }));
    await action(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The same with the file opened as a model. */
export async function withOpened(
  architecture: Architecture,
  action: (model: Model) => Promise<void>,
): Promise<void> {
  await withFile(architecture, async (file) => {
    const model = await openModel(file);
    await action(model);
    await closeModel(model);
  });
}
