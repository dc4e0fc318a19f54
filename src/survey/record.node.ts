import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../base/errors.ts";
import { reasonOf, writeFileAtomic } from "../base/write.node.ts";
import type { SurveyRow } from "./row.ts";

/** What a survey's explanations depend on, in plain JSON. */
export type SurveySettings = Readonly<Record<string, unknown>>;

/** The folder of a survey: what was asked, and a line for each photo that is explained. */
export interface SurveyRecord {
  readonly folder: string;
  /** By the photos' names. */
  readonly rows: Map<string, SurveyRow>;
  /** Puts rows behind the others, and does not come back before the disk has them. */
  append(rows: readonly SurveyRow[]): Promise<void>;
  /** Puts these in the place of all rows. */
  replace(rows: readonly SurveyRow[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a survey's folder, to go on with it or to begin. Lines that an end has left unfinished are dropped.
 * @throws UserError when the folder holds a survey with other settings, or the disk refuses
 */
export async function openRecord(folder: string, settings: SurveySettings): Promise<SurveyRecord> {
  await checkSettings(folder, settings);
  const index = join(folder, "explanations.jsonl");
  const { rows, whole } = await readRows(index);
  const replace = (all: readonly SurveyRow[]): Promise<void> =>
    writeFileAtomic(index, all.map(line).join(""));
  if (!whole) await replace([...rows.values()]);
  const refuse = (error: unknown): never => {
    throw new UserError(`${index} cannot be written: ${reasonOf(error)}.`);
  };
  await mkdir(folder, { recursive: true }).catch(refuse);
  const file = await open(index, "a").catch(refuse);
  return {
    ...{ folder, rows, replace },
    async append(added) {
      await file.appendFile(added.map(line).join("")).catch(refuse);
      await file.datasync().catch(refuse);
      for (const row of added) rows.set(row.file, row);
    },
    close: () => file.close(),
  };
}

const line = (row: SurveyRow): string => `${JSON.stringify(row)}\n`;

/** Of settings that are told; hashes say nothing to people. */
const longest = 60;

/** Holds settings against those that the folder was begun with, if it was. */
async function checkSettings(folder: string, settings: SurveySettings): Promise<void> {
  const path = join(folder, "survey.json");
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw new UserError(`${path} cannot be read: ${reasonOf(error)}.`);
  });
  if (text === undefined) return writeFileAtomic(path, `${JSON.stringify(settings, null, 2)}\n`);
  const begun = parsed(text);
  if (!begun) throw new UserError(`${path} is no record of a survey; remove it, or name another folder.`);
  const names = new Set([...Object.keys(begun), ...Object.keys(settings)]);
  for (const name of names) {
    const [before, now] = [begun[name], settings[name]].map((value) => JSON.stringify(value) ?? "none");
    if (before === now) continue;
    const long = Math.max(before!.length, now!.length) > longest;
    throw new UserError(
      `${folder} holds a survey with other settings (${long ? `another ${name}` : `${name}: ${before} there, ${now} here`}); name another folder, or go on with the same.`,
    );
  }
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

async function readRows(path: string): Promise<{ rows: Map<string, SurveyRow>; whole: boolean }> {
  const text = await readFile(path, "utf8").catch(() => "");
  const rows = new Map<string, SurveyRow>();
  const lines = text.split("\n");
  let whole = lines.pop() === "";
  for (const one of lines) {
    const row = parsed(one) as SurveyRow | undefined;
    if (typeof row?.file === "string" && Array.isArray(row.map)) rows.set(row.file, row);
    else whole = false;
  }
  return { rows, whole };
}
