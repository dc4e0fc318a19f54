import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../base/errors.ts";
import { float32, sizeOf, type Tensor, tensor } from "../base/tensor.ts";
import { reasonOf, writeFileAtomic } from "../base/write.node.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors.ts";
import type { Run } from "./run.node.ts";
import type { WatchedEpoch, WatchedPicture } from "./watched.ts";

const FORMAT = "convscope watched 1";

/** Tensors of a file that have a row a picture, beside `targets` `[N]`. */
const kinds = ["raw", "logits", "outputs"] as const;

const fileOf = (run: Run, epoch: number): string =>
  join(run.path("watched"), `epoch-${String(epoch).padStart(4, "0")}.safetensors`);

/** Whether an epoch has been kept. */
export const hasWatched = (run: Run, epoch: number): boolean => existsSync(fileOf(run, epoch));

/** Keeps an epoch in the run's folder, in a file of its own: the pictures' maps and scores one after the other, the rest in the metadata. */
export async function saveWatched(run: Run, watched: WatchedEpoch): Promise<void> {
  const { pictures, ...rest } = watched;
  const targets = Int32Array.from(pictures, ({ target }) => target);
  const tensors = new Map<string, Tensor>([["targets", tensor("int32", [pictures.length], targets)]]);
  for (const kind of kinds) tensors.set(kind, stacked(pictures.map(({ [kind]: row }) => row)));
  const described = JSON.stringify({ ...rest, names: pictures.map(({ name }) => name) });
  await writeFileAtomic(
    fileOf(run, watched.epoch),
    writeSafetensors(tensors, { format: FORMAT, watched: described }),
  );
}

/**
 * All that was kept, by epochs; nothing of a run that watched nothing.
 * @throws UserError when one of the files is damaged
 */
export async function readWatched(run: Run): Promise<WatchedEpoch[]> {
  const folder = run.path("watched");
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new UserError(`${folder} cannot be read: ${reasonOf(error)}.`);
  });
  const epochs: WatchedEpoch[] = [];
  for (const file of files.filter((name) => /^epoch-\d+\.safetensors$/.test(name)))
    epochs.push(parse(await readFile(join(folder, file)), join(folder, file)));
  return epochs.sort((a, b) => a.epoch - b.epoch);
}

function parse(bytes: Uint8Array, path: string): WatchedEpoch {
  const { tensors, metadata } = readSafetensors(bytes, path);
  const { names, ...rest } = described(metadata);
  const targets = tensors.get("targets");
  const rows = kinds.map((kind) => rowsOf(tensors.get(kind), names.length));
  const [raw, logits, outputs] = rows.map((of) => of?.[0]);
  const classes = logits?.shape[0] ?? 0;
  const fits =
    raw?.shape.length === 2 &&
    logits?.shape.length === 1 &&
    outputs?.shape.join() === logits.shape.join() &&
    targets?.dtype === "int32" &&
    targets.data.length === names.length &&
    targets.data.every((target) => target >= 0 && target < classes);
  if (!fits)
    throw new UserError(`${path} holds no watched pictures of this version of convscope; remove it.`);
  const pictures = names.map((name, at) => {
    const parts = Object.fromEntries(kinds.map((kind, of) => [kind, rows[of]![at]!]));
    return { name, target: Number(targets.data[at]), ...parts } as WatchedPicture;
  });
  return { ...rest, pictures };
}

interface Description extends Omit<WatchedEpoch, "pictures"> {
  readonly names: readonly string[];
}

/** What the metadata say, without pictures where they say something else. */
function described({ format, watched }: Readonly<Record<string, string>>): Description {
  try {
    const { epoch, method, layer, names } = JSON.parse(format === FORMAT ? watched! : "null");
    if (Number.isSafeInteger(epoch) && [method, layer, ...names].every((word) => typeof word === "string"))
      return { epoch, method, layer, names };
  } catch {
    // Said by what there is then: no pictures.
  }
  return { epoch: 0, method: "", layer: "", names: [] };
}

/** Tensors of one shape as the rows of one. */
function stacked(rows: readonly Tensor<"float32">[]): Tensor<"float32"> {
  return float32(
    [rows.length, ...rows[0]!.shape],
    rows.flatMap(({ data }) => [...data]),
  );
}

function rowsOf(all: Tensor | undefined, n: number): Tensor<"float32">[] | undefined {
  if (all?.dtype !== "float32" || all.shape[0] !== n) return undefined;
  const shape = all.shape.slice(1);
  const size = sizeOf(shape);
  const data = all.data as Float32Array;
  return Array.from({ length: n }, (_, at) => float32(shape, data.slice(at * size, (at + 1) * size)));
}
