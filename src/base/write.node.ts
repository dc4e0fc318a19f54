import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { UserError } from "./errors.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space",
  EDQUOT: "the disk quota is used up; free some space",
  EACCES: "the folder may not be written to; change its permissions or choose another",
  EPERM: "the folder may not be written to; change its permissions or choose another",
  EROFS: "the disk is read-only; choose another folder",
  EEXIST: "a file stands where a folder is needed; choose another folder",
  ENOTDIR: "a file stands where a folder is needed; choose another folder",
  EISDIR: "a folder stands in its place; choose another name",
};

/** Why the file system refuses, and the mend. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return reasons[code] ?? (code || String(error));
}

/**
 * Writes a file whole or not at all: to a temporary file beside it, flushed, then renamed. What stood there before stays
 * until the last moment, whatever ends the process. Missing folders are made.
 * @throws UserError when the file system refuses, saying why
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new UserError(`${path} was not written: ${reasonOf(error)}. What stood there before is unharmed.`);
  }
}
