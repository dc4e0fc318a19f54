import { closeSync, fstatSync, openSync, readSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, sep, win32 } from "node:path";
import type { ByteSource } from "./byte-source.ts";
import { UserError } from "./errors.ts";

/**
 * What finds the files that a model names, each opened once.
 * @param model its real path
 * @returns from a location, relative to the model and confined to its folder, to the file there; it throws a UserError that begins
 * with "which" where there is none that may be read
 */
export function filesBeside(model: string): (location: string) => ByteSource {
  const sources = new Map<string, ByteSource>();
  return (location) => {
    const source = sources.get(location) ?? fileSource(confined(model, location), clause);
    sources.set(location, source);
    return source;
  };
}

/** What is wrong with a file that the reader has named already. */
const clause = (why: string): UserError => new UserError(`which cannot be read: ${why}`);

/**
 * The real path of a file that a model names. It must be a relative one that stays in the model's folder, links included, so
 * that a model cannot make weights of other files. Nor may it be the model itself, whose weights have a place of their own.
 */
function confined(model: string, location: string): string {
  const outward =
    isAbsolute(location) || win32.isAbsolute(location) || location.split(/[\\/]/).includes("..");
  if (outward || location === "" || location.includes("\0"))
    throw clause("it is not a path within the model's folder; save the model with its data beside it.");
  const path = realPath(join(dirname(model), location), clause);
  const way = relative(dirname(model), path);
  if (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way))
    throw clause("it is a link that leaves the model's folder; copy the file itself there.");
  const [one, other] = [model, path].map((each) => statSync(each));
  if (one!.ino === other!.ino && one!.dev === other!.dev)
    throw clause("it is the model itself; export the model again.");
  return path;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file; copy it there, or give another path.",
  EACCES: "its permissions forbid it; change them.",
  ELOOP: "it is a link to itself; copy the file itself there.",
};

function attempt<T>(work: () => T, refuse: (why: string) => UserError): T {
  try {
    return work();
  } catch (error) {
    const { code = `${error}` } = error as NodeJS.ErrnoException;
    throw refuse(reasons[code] ?? `the file system refuses it (${code}).`);
  }
}

/**
 * The path with all links followed.
 * @param refuse makes the error from what is wrong and how to mend it
 */
export const realPath = (path: string, refuse: (why: string) => UserError): string =>
  attempt(() => realpathSync(path), refuse);

/**
 * Parts of a file, which is opened for each anew and must stay what it is.
 * @param refuse makes the error from what is wrong and how to mend it
 */
export function fileSource(path: string, refuse: (why: string) => UserError): ByteSource {
  const first = attempt(() => statSync(path), refuse);
  // Not to be opened if it is a pipe, which would wait for its other end.
  if (!first.isFile()) throw refuse("it is not a file; give the path of one.");
  attempt(() => closeSync(openSync(path, "r")), refuse);
  const changed = (): UserError => new UserError(`${path} has changed since it was opened; open it again.`);
  return {
    file: { path, offset: 0 },
    size: first.size,
    read(offset, length) {
      const file = attempt(() => openSync(path, "r"), changed);
      try {
        if (!sameFile(first, fstatSync(file))) throw changed();
        const bytes = new Uint8Array(length);
        for (let at = 0; at < length; ) {
          const count = readSync(file, bytes, at, Math.min(length - at, LARGEST), offset + at);
          if (count === 0) throw changed();
          at += count;
        }
        return bytes;
      } finally {
        closeSync(file);
      }
    },
  };
}

/** Bytes that Node reads at once. */
const LARGEST = 2 ** 30;

const sameFile = (a: Stats, b: Stats): boolean =>
  a.ino === b.ino && a.dev === b.dev && a.size === b.size && a.mtimeMs === b.mtimeMs;
