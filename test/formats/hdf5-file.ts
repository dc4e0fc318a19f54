import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { File, type Group, type LIBVER_BOUNDS, ready } from "h5wasm/node";

type NewDataset = Omit<Parameters<Group["create_dataset"]>[0], "name">;

/** What is in a group. Names may be paths, whose groups are made. */
export interface Content {
  readonly attributes?: Readonly<Record<string, string | number | string[] | Float64Array>>;
  readonly groups?: Readonly<Record<string, Content>>;
  readonly datasets?: Readonly<Record<string, NewDataset>>;
}

/** An HDF5 file as the library writes it, for these versions of itself. */
export function writeHdf5(content: Content, versions: LIBVER_BOUNDS = ["earliest", "v108"]): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "convscope-hdf5-"));
  try {
    const path = join(folder, "a.h5");
    const file = new File(path, "w", { libver: versions });
    fill(file, content);
    file.close();
    return new Uint8Array(readFileSync(path));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await ready;

function fill(group: Group, { attributes = {}, groups = {}, datasets = {} }: Content): void {
  for (const [name, value] of Object.entries(attributes)) group.create_attribute(name, value);
  for (const [path, inner] of Object.entries(groups)) fill(groupAt(group, path.split("/")), inner);
  for (const [path, dataset] of Object.entries(datasets)) {
    const parts = path.split("/");
    const name = parts.pop()!;
    groupAt(group, parts).create_dataset({ ...dataset, name });
  }
}

function groupAt(group: Group, path: readonly string[]): Group {
  return path.reduce(
    (parent, name) =>
      parent.keys().includes(name) ? (parent.get(name) as Group) : parent.create_group(name),
    group,
  );
}
