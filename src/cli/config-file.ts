import { isMap, LineCounter, type Pair, type ParsedNode, parseDocument, visit } from "yaml";
import { UserError } from "../base/errors.ts";
import { configSchema } from "../train/config.ts";

/** What a configuration says of one option. */
export interface Entry {
  readonly name: string;
  /** As JSON would have it. */
  readonly value: unknown;
  /** The value in the file's own words, or their beginning. */
  readonly written: string;
  /** Where its name stands, from 1. */
  readonly line: number;
}

/**
 * What a configuration says, in its order.
 * @param text YAML 1.2, which JSON is too; or a run's config.json, which gives the options that made the run
 * @param path of its file, for errors
 * @throws UserError when it is neither, with line and column
 */
export function parseConfig(text: string, path: string): Entry[] {
  const lineCounter = new LineCounter();
  const refuse = (offset: number, why: string): UserError => {
    const { line, col } = lineCounter.linePos(offset);
    return new UserError(`${path}, line ${line}, column ${col}: ${why}`);
  };
  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    // What JSON has, whatever the file says of its version: no dates, no bytes, no keys that are maps.
    ...{ schema: "core", resolveKnownTags: false, stringKeys: true },
    // The parser would compare each key with every other; below it is a set.
    uniqueKeys: false,
  });
  // It warns of types that it does not know, and reads on as if nothing were there.
  const [fault] = [...document.errors, ...document.warnings];
  if (fault) throw refuse(fault.pos[0], `this is neither YAML nor JSON (${fault.message}).`);
  visit(document, {
    Alias(_, { range, source }) {
      throw refuse(range![0], `*${source} stands for a value elsewhere; write the value itself.`);
    },
    Map(_, { items }) {
      const names = new Set<string>();
      for (const { key } of items as ParsedPair[]) {
        if (names.has(String(key))) throw refuse(key.range[0], `"${key}" is here twice; leave one.`);
        names.add(String(key));
      }
    },
  });
  const { contents } = document;
  if (contents === null) return [];
  if (!isMap<ParsedNode, ParsedNode | null>(contents))
    throw new UserError(`${path} names no options; write lines such as "epochs: 30".`);
  const pairs = contents.items as ParsedPair[];
  const named = contents.has("schema")
    ? pairs.flatMap((pair) => optionsOfRun(pair, refuse))
    : pairs.map((pair) => ({ name: String(pair.key), pair }));
  return named.map(({ name, pair: { key, value } }) => ({
    name,
    value: value?.toJS(document) ?? null,
    written: value ? shortened(text.slice(value.range[0], value.range[1])) : "",
    line: lineCounter.linePos(key.range[0]).line,
  }));
}

type ParsedPair = Pair<ParsedNode, ParsedNode | null>;

/** What a run's config.json always says; no option chooses it. */
const fixed: Readonly<Record<string, unknown>> = { schema: configSchema, kind: "folder" };

/** Keys there that follow from others. */
const derived: ReadonlySet<string> = new Set(["architecture", "hash"]);

/** Keys there that hold options in groups. */
const groups: ReadonlySet<string> = new Set(["data", "augmentation", "backbone"]);

/** Keys there that go by another name than their option. */
const renamed: Readonly<Record<string, string>> = {
  path: "folder",
  horizontalFlip: "flip",
  model: "backbone",
};

/** One pair of a run's config.json as the options it stands for: those of a group, or one, or none. */
function optionsOfRun(
  pair: ParsedPair,
  refuse: (offset: number, why: string) => UserError,
): { name: string; pair: ParsedPair }[] {
  const { key, value } = pair;
  const name = String(key);
  if (derived.has(name)) return [];
  if (groups.has(name) && isMap(value)) {
    // Pictures that the demo drew; other options of it serve photos too.
    if (String(value.get("kind")) === "built-in") return [];
    return (value.items as ParsedPair[]).flatMap((inner) => optionsOfRun(inner, refuse));
  }
  if (!Object.hasOwn(fixed, name))
    return [{ name: Object.hasOwn(renamed, name) ? renamed[name]! : name, pair }];
  if (value?.toJSON() !== fixed[name])
    throw refuse(key.range[0], `"${name}" is ${value}; only a run with ${fixed[name]} can be repeated.`);
  return [];
}

/** On one line, 60 letters at most. */
function shortened(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
