import { basename, dirname, join, relative, resolve } from "node:path";
import { walk } from "../data/folder.node.ts";
import { isLeftover } from "../data/layout.ts";

/** Names of all files in a folder, sorted, with forward slashes; those below `out` aside. */
export async function photosIn(folder: string, out: string): Promise<string[]> {
  const { files } = await walk(folder);
  const own = `${relative(resolve(folder), resolve(out)).replaceAll("\\", "/")}/`;
  return files.filter((file) => !file.startsWith(own) && !isLeftover(basename(file)));
}

/** The class that the innermost folder called like one says, or a name such as `cat.0.jpg`. */
export function labelIn(folder: string, file: string, classes: readonly string[]): string | undefined {
  const folders = dirname(join(basename(resolve(folder)), file))
    .split(/[\\/]/)
    .reverse();
  const [prefix] = basename(file).split(".");
  return [...folders, prefix!].find((name) => classes.includes(name));
}
