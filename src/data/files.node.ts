import { UserError } from "../base/errors.ts";

const reasons: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `${path} does not exist; check the path`,
  EISDIR: (path) => `${path} is a folder; name a file in it`,
  ENOTDIR: (path) => `${path} is not a folder; name the folder that holds the pictures`,
  EACCES: (path) => `${path} may not be read; change its permissions`,
  EPERM: (path) => `${path} may not be read; change its permissions`,
};

/** A system error about `path` as a sentence for people; other errors are returned as they are. */
export function fileError(error: unknown, path: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  if (!code) return error;
  return new UserError(
    reasons[code]?.(path) ?? `${path} cannot be read (${code}); check the disk and the path`,
  );
}
