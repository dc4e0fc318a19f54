/**
 * An error the person at the keyboard can act on: one sentence that names the culprit and the mend.
 * The command line prints its message without a stack; everything else is a defect of ours and keeps its stack.
 */
export class UserError extends Error {
  override readonly name: string = "UserError";
}

/** Wrong use of the command line or of an option's value: exit code 2. */
export class UsageError extends UserError {
  override readonly name: string = "UsageError";
}

/** Joins names for a message: `a, b and c`; long lists are cut after `most` names. */
export function listNames(names: readonly string[], most = 12): string {
  if (names.length > most) return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
