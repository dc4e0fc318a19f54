import { InvalidArgumentError } from "commander";
import type { ClassWeights } from "../train/class-weights.ts";
import type { Watching } from "../train/watched.ts";

/** Parsers of option values; commander names the option in front of their message. */
export function positiveInteger(text: string): number {
  return parse(text, "a whole number from 1", (value) => Number.isSafeInteger(value) && value >= 1);
}

export function wholeNumber(text: string): number {
  return parse(text, "a whole number from 0", (value) => Number.isSafeInteger(value) && value >= 0);
}

export function positiveNumber(text: string): number {
  return parse(text, "a number above 0", (value) => value > 0 && value < Number.POSITIVE_INFINITY);
}

export function nonNegative(text: string): number {
  return parse(text, "a number from 0", (value) => value >= 0 && value < Number.POSITIVE_INFINITY);
}

/** `500MB`, `1.5GB`; decimal as disks have it, or a plain number of bytes. */
export function bytes(text: string): number {
  const [, number, unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*([kMG]?B)?\s*$/i.exec(text) ?? [];
  const scale = { "": 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9 }[unit.toLowerCase()];
  const value = Number(number) * (scale ?? Number.NaN);
  if (!(value >= 1)) throw new InvalidArgumentError("It takes an amount of memory, such as 500MB or 1GB.");
  return value;
}

/** A part of something, but not all of it. */
export function fraction(text: string): number {
  return parse(text, "a number from 0 to below 1", (value) => value >= 0 && value < 1);
}

/** A part of something, up to all of it. */
export function part(text: string): number {
  return parse(text, "a number above 0, to 1", (value) => value > 0 && value <= 1);
}

/** Of something, but not all of it. */
export function percentage(text: string): number {
  return parse(text, "a number from 0 to below 100", (value) => value >= 0 && value < 100);
}

export function degrees(most: number): (text: string) => number {
  return (text) => parse(text, `degrees from 0 to ${most}`, (value) => value >= 0 && value <= most);
}

export function positiveIntegers(text: string): number[] {
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;
  return text.split(",").map((item) => parse(item, "whole numbers from 1, set apart by commas", isCount));
}

/** Words set apart by commas. */
export function words(text: string): string[] {
  return text.split(",").flatMap((word) => word.trim() || []);
}

/** `balanced`, or `cat=2,dog=0.5`. */
export function classWeights(text: string): ClassWeights {
  if (text === "balanced") return text;
  const entries = text.split(",").map((item) => {
    const at = item.lastIndexOf("=");
    const weight = positiveWeight(at < 1 ? "" : item.slice(at + 1));
    return [item.slice(0, at).trim(), weight] as const;
  });
  return Object.fromEntries(entries);
}

/** A number, or names set apart by commas. */
export function watching(text: string): Watching {
  if (/^\d+$/.test(text)) return wholeNumber(text);
  const names = text.split(",").map((name) => name.trim());
  if (names.includes("")) throw new InvalidArgumentError("It takes a number, or names set apart by commas.");
  return names;
}

const positiveWeight = (text: string): number =>
  parse(text, "balanced, or a weight above 0 for each class, such as cat=2,dog=0.5", (value) => value > 0);

function parse(text: string, kind: string, fits: (value: number) => boolean): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!fits(value)) throw new InvalidArgumentError(`It takes ${kind}.`);
  return value;
}
