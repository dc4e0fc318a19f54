import { InvalidArgumentError } from "commander";

/** Parsers of option values; commander names the option in front of their message. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError("It takes a whole number from 1.");
  return value;
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0 || text.trim() === "")
    throw new InvalidArgumentError("It takes a whole number from 0.");
  return value;
}

/** A parser of numbers from `low` to `high`; `high` itself is out. */
export function numberIn(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !(value >= low && value < high))
      throw new InvalidArgumentError(
        high === Number.POSITIVE_INFINITY
          ? `It takes a number from ${low}.`
          : `It takes a number from ${low} to below ${high}.`,
      );
    return value;
  };
}

export function positiveIntegers(text: string): number[] {
  return text.split(",").map(positiveInteger);
}
