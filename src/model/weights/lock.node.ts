import { readFile, rm, writeFile } from "node:fs/promises";
import { UserError } from "../../base/errors.ts";

/** Those that this process holds. Another of its number may have left one behind: in containers numbers begin anew. */
const held = new Set<string>();

/**
 * Does something to a file that no other process does at the same time: a file beside it, `.lock`, holds the number of the process that
 * is at it. One that ended without taking it away is passed over.
 * @throws UserError when another is at it
 */
export async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  const take = (): Promise<void> => writeFile(lock, String(process.pid), { flag: "wx" });
  await take().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
    const owner = Number(await readFile(lock, "utf8").catch(() => "0"));
    if (owner === process.pid ? held.has(lock) : isRunning(owner))
      throw new UserError(
        `Process ${owner} is fetching ${path.replace(/\.part$/, "")} already; wait for it.`,
      );
    await rm(lock, { force: true });
    await take();
  });
  held.add(lock);
  try {
    return await work();
  } finally {
    held.delete(lock);
    await rm(lock, { force: true });
  }
}

function isRunning(process_: number): boolean {
  if (!Number.isSafeInteger(process_) || process_ <= 0) return false;
  try {
    process.kill(process_, 0);
    return true;
  } catch (error) {
    // It runs, but is another user's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
