import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { UserError } from "../../base/errors.ts";
import { reasonOf } from "../../base/write.node.ts";
import { locked } from "./lock.node.ts";

export interface Download {
  readonly url: string;
  /** Where the file goes, once it is whole. */
  readonly path: string;
  /** What its SHA-256 begins with, in hexadecimal digits. */
  readonly digits: string;
  /** In MiB, to the third place. */
  readonly size: number;
  /** Called as bytes come in. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends it; what has come stays for the next time. */
  readonly signal?: AbortSignal;
}

const MEBIBYTE = 2 ** 20;

/** How often a connection that broke is made anew, if it brought anything. */
const TRIES = 5;

/**
 * Fetches a file, going on where an earlier try ended. It stands at its path only when its size and checksum are right; until then what
 * has come is kept beside it, as `.part`.
 * @throws UserError when the server is not reached or has another file, the connection breaks again and again, or the disk is full;
 * the signal's reason when it ends it
 */
export async function download(wanted: Download): Promise<void> {
  const { path } = wanted;
  const part = `${path}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await locked(part, async () => {
      for (let tries = 1; !(await fetchRest(wanted, part)); tries++)
        if (tries === TRIES)
          throw new UserError(
            `The connection to ${wanted.url} broke ${TRIES} times; run the same command again to go on from there.`,
          );
      await check(wanted, part);
      await rename(part, path);
    });
  } catch (error) {
    if (error instanceof UserError || wanted.signal?.aborted) throw error;
    throw new UserError(
      `${path} was not written: ${reasonOf(error)}. What has come is kept for the next time.`,
    );
  }
}

/** Fetches what the part lacks. Returns whether it is whole; false if the connection broke. */
async function fetchRest(wanted: Download, part: string): Promise<boolean> {
  const { size, onProgress, signal } = wanted;
  const have = await stat(part).then(
    (found) => found.size,
    () => 0,
  );
  const response = await ask(wanted, have);
  // Nothing is left to fetch, or the part is longer than the file: its checksum tells.
  if (response.status === 416 && have > 0) return true;
  const { begin, total } = placeOf(response, have);
  if (total !== undefined && !hasSize(total, size)) throw otherSize(wanted, total);
  const file = await open(part, begin === 0 ? "w" : "r+");
  try {
    let done = begin;
    for await (const chunk of bodyOf(response)) {
      await writeAll(file, chunk, done);
      done += chunk.length;
      onProgress?.(done, total ?? Math.round(size * MEBIBYTE));
    }
    // A power cut must not leave a file that stands at its path with bytes that never came to the disk.
    await file.sync();
    if (total === undefined && !hasSize(done, size)) {
      await file.truncate();
      throw otherSize(wanted, done);
    }
    return total === undefined || done === total;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Broken) return false;
    throw error;
  } finally {
    await file.close();
  }
}

const hasSize = (bytes: number, size: number): boolean => Math.abs(bytes / MEBIBYTE - size) <= 0.001;

function otherSize({ url, size }: Download, bytes: number): UserError {
  return new UserError(
    `${url} has ${(bytes / MEBIBYTE).toFixed(3)} MiB where ${size} are expected; it is another file, or a page instead of it.`,
  );
}

async function ask({ url, path, signal }: Download, have: number): Promise<Response> {
  // Packed on its way, its length and its ranges would be another file's.
  const headers = { "accept-encoding": "identity", ...(have > 0 ? { range: `bytes=${have}-` } : {}) };
  const response = await fetch(url, { headers, ...(signal ? { signal } : {}) }).catch((error: Error) => {
    if (signal?.aborted) throw error;
    const { code = error.message } = (error.cause ?? {}) as NodeJS.ErrnoException;
    throw new UserError(`${url} cannot be reached (${code}); fetch it elsewhere, and put it here: ${path}`);
  });
  if (response.ok || (response.status === 416 && have > 0)) return response;
  throw new UserError(
    `${url} answers ${response.status} ${response.statusText}; try later, or fetch it elsewhere and put it here: ${path}`.replace(
      /\s+;/,
      ";",
    ),
  );
}

/** Where in the file the answer begins, and how long the file is, if that is said; a server may send all of it again. */
function placeOf({ status, headers, url }: Response, have: number): { begin: number; total?: number } {
  const length = headers.get("content-length");
  if (status !== 206) return length === null ? { begin: 0 } : { begin: 0, total: Number(length) };
  const [, begin, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
  if (Number(begin) !== have)
    throw new UserError(`${url} sends another part than it was asked for; try another server.`);
  return { begin: have, total: Number(total) };
}

/** What a broken connection throws, apart from what the disk does. */
class Broken extends Error {}

async function* bodyOf({ body }: Response): AsyncGenerator<Uint8Array> {
  const reader = body!.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw new Broken("the connection broke", { cause: error });
    });
    if (done) return;
    yield value;
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; )
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
}

/** A part that is no part of the file is of no use, and goes. */
async function check({ url, digits }: Download, part: string): Promise<void> {
  const found = await sha256(part);
  if (found.startsWith(digits)) return;
  await rm(part);
  throw new UserError(
    `${url} came with the SHA-256 ${found.slice(0, digits.length)}… where ${digits}… is expected, and was deleted; run the same command again.`,
  );
}

/**
 * Whether a file that somebody put there is the published one.
 * @throws UserError when it is another
 */
export async function verify({ path, digits }: Pick<Download, "path" | "digits">): Promise<void> {
  const found = await sha256(path);
  if (!found.startsWith(digits))
    throw new UserError(
      `${path} is not the published file: its SHA-256 is ${found.slice(0, digits.length)}… where ${digits}… is expected; delete it, and get it anew.`,
    );
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}
