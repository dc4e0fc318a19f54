import { UserError } from "../../base/errors.ts";

/** What does not fit together in a file, as a clause. */
export class Damage extends Error {}

/** What a file may well hold and we do not read, as a noun. */
export class Unsupported extends Error {}

/** The error to throw for one that came up while reading `place` in `source`. */
export function readingError(error: unknown, source: string, place: string): unknown {
  if (error instanceof Damage)
    return new UserError(
      `${source} is damaged or cut short at "${place}" (${error.message}); copy or save it again.`,
    );
  if (error instanceof Unsupported)
    return new UserError(
      `${source} holds ${error.message} at "${place}", which cannot be read; save it again without.`,
    );
  return error;
}
