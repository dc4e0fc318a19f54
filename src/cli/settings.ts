import { readFile } from "node:fs/promises";
import { type Argument, type Command, InvalidArgumentError, type Option } from "commander";
import { Document, type Scalar } from "yaml";
import { UsageError, UserError } from "../base/errors.ts";
import { nearestFirst } from "../base/nearest.ts";
import { parseConfig } from "./config-file.ts";

/** What a command can be told, on its line or in a file. */
interface Setting {
  /** In files: `learning-rate`. */
  readonly name: string;
  /** In Commander, and in files too: `learningRate`. */
  readonly attribute: string;
  readonly description: string;
  readonly group: string | undefined;
  /** Whether it is a flag, which files say with true or false. */
  readonly flag: boolean;
  readonly source: Argument | Option;
}

/** Options that lead to settings and are none. */
const leading: ReadonlySet<string | undefined> = new Set(["--config", "--print-config", "--resume"]);

/** A command's arguments, then its options as its help has them. */
function settingsOf(command: Command): Setting[] {
  const help = command.createHelp();
  const said = new Set(
    command.options.filter(({ negate }) => !negate).map((option) => option.attributeName()),
  );
  // `--no-augment` beside `--augment` is one setting.
  const options = command.options.filter(
    (option) => !leading.has(option.long) && !(option.negate && said.has(option.attributeName())),
  );
  return [
    ...command.registeredArguments.map((argument) => ({
      name: argument.name(),
      attribute: argument.name(),
      description: help.argumentDescription(argument),
      group: undefined,
      flag: false,
      source: argument,
    })),
    ...options.map((option) => ({
      name: option.long!.replace(/^--(no-)?/, ""),
      attribute: option.attributeName(),
      description: (option.negate ? "if false, " : "") + help.optionDescription(option),
      group: option.helpGroupHeading,
      flag: !option.required,
      source: option,
    })),
  ];
}

/**
 * Gives a command the settings in a file, but for those that its line has; its arguments become options of the same name.
 * @throws UserError when the file cannot be read or is no configuration; UsageError for a setting that there is not, and for a value
 * that it does not take
 */
export async function applyConfigFile(command: Command, path: string): Promise<void> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`${path} cannot be read (${error.code}); give a file of YAML or JSON.`);
  });
  const settings = settingsOf(command);
  const said = new Set<Setting>();
  for (const { name, value, written, line } of parseConfig(text, path)) {
    const setting = settings.find((known) => name === known.name || name === known.attribute);
    if (leading.has(`--${name}`))
      throw new UsageError(`${path}, line ${line}: "${name}" is for the command line alone; leave it out.`);
    if (setting === undefined) {
      const [nearest] = nearestFirst(
        name,
        settings.map((known) => known.name),
      );
      throw new UsageError(`${path}: there is no "${name}"; did you mean "${nearest}"?`);
    }
    if (said.has(setting))
      throw new UsageError(`${path}, line ${line}: "${name}" is "${setting.name}" again; leave one.`);
    said.add(setting);
    try {
      const parsed = parse(setting, value);
      if (command.getOptionValueSource(setting.attribute) !== "cli")
        command.setOptionValueWithSource(setting.attribute, parsed, "config");
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      throw new UsageError(`${path}, line ${line}: "${name}" is ${written || "empty"}. ${error.message}`);
    }
  }
}

/** The settings that a command has now as YAML, each below its description. */
export function configText(command: Command): string {
  const document = new Document({});
  let group: string | undefined;
  for (const setting of settingsOf(command)) {
    const value = command.getOptionValue(setting.attribute) ?? (setting.flag ? false : null);
    const pair = document.createPair<Scalar>(setting.name, value, { flow: true });
    pair.key.commentBefore = ` ${setting.description}`;
    pair.key.spaceBefore = setting.group !== group;
    document.add(pair);
    group = setting.group;
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** @throws InvalidArgumentError that says what the setting takes */
function parse({ flag, source }: Setting, value: unknown): unknown {
  if (flag) {
    if (typeof value === "boolean") return value;
    throw new InvalidArgumentError("It takes true or false.");
  }
  // Left unsaid, where that is possible.
  if (value === null && source.defaultValue === undefined) return undefined;
  const text = textOf(value);
  const parser = source.parseArg as ((text: string) => unknown) | undefined;
  const parsed = parser ? parser(text) : text;
  // As text `[5]` is a number and null a name; what is no word has to come out as what it was.
  const kind = kindOf(value);
  if (kind !== "a word" && kind !== kindOf(parsed))
    throw new InvalidArgumentError(`It takes ${kindOf(parsed)}, not ${kind}.`);
  return parsed;
}

/** A value as it is written on a command's line: `32,64`, `cat=2,dog=1`. */
function textOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const word = (item: unknown): string => (typeof item === "object" ? JSON.stringify(item) : String(item));
  if (Array.isArray(value)) return value.map(word).join();
  return Object.entries(value)
    .map(([name, item]) => `${name}=${word(item)}`)
    .join();
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value === null || typeof value === "boolean") return String(value);
  return typeof value === "object" ? "a map" : "a word";
}
