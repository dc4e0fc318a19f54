import { link, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { bytesPerElement, sizeOf } from "../base/tensor.ts";
import type { Graph, Initializer } from "../graph/graph.ts";
import { writeOnnx } from "../graph/onnx/write.ts";

/** Constants smaller than this are written into the graph: ONNX Runtime looks into some of them while it plans. */
const LARGE = 4096;

/**
 * Opens a session that takes its large weights from the files in which they lie, unread by us and mapped by ONNX Runtime: a derived
 * graph is a few kilobytes, however large its model. ONNX Runtime wants such files in the graph's own folder, so a folder is
 * made with hard links to them, and removed again. Where no links can be made the weights are read.
 */
export async function openBeside(
  graph: Graph,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  const paths = new Set(
    [...graph.initializers.values()].flatMap((weight) => (isLarge(weight) ? [weight.file!.path] : [])),
  );
  const linked = paths.size > 0 ? await linkedFolder([...paths]) : undefined;
  if (!linked) return InferenceSession.create(writeOnnx(graph), options);
  const { folder, names } = linked;
  try {
    const bytes = writeOnnx(graph, {
      external: (weight) =>
        isLarge(weight)
          ? {
              location: names.get(weight.file!.path)!,
              offset: weight.file!.offset,
              length: lengthOf(weight),
            }
          : undefined,
    });
    const file = join(folder, "graph.onnx");
    await writeFile(file, bytes);
    return await InferenceSession.create(file, options);
  } finally {
    // What is mapped stays mapped; only Windows keeps the folder until the process ends.
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

const lengthOf = ({ dtype, shape }: Initializer): number => sizeOf(shape) * bytesPerElement(dtype);

const isLarge = (weight: Initializer): boolean => weight.file !== undefined && lengthOf(weight) >= LARGE;

/** A new folder with links to the files; undefined where none can be made. */
async function linkedFolder(
  paths: readonly string[],
): Promise<{ folder: string; names: ReadonlyMap<string, string> } | undefined> {
  // A link cannot lead to another disk.
  for (const parent of [tmpdir(), dirname(paths[0]!)]) {
    const folder = await mkdtemp(join(parent, ".convscope-")).catch(() => undefined);
    if (folder === undefined) continue;
    try {
      const names = new Map(paths.map((path, index) => [path, `weights-${index}`]));
      for (const [path, name] of names) await link(path, join(folder, name));
      return { folder, names };
    } catch {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return undefined;
}
