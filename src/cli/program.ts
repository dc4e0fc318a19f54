import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { UsageError, UserError } from "../base/errors.ts";
import { type CommandSpec, exitCodes, Interrupted } from "./command.ts";
import { commands } from "./commands/index.ts";

/**
 * Runs the command line.
 * @param words what follows the program's name
 * @returns the exit code: 0 done, 1 failed, 2 wrong use, 130 interrupted after saving
 */
export async function run(words: readonly string[]): Promise<number> {
  const program = new Command("convscope")
    .description("Train an image classifier and see what it sees.")
    .version(version(), "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .configureHelp({
      subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(term)].join(" "),
    })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "convscope: ")) })
    .showHelpAfterError("`convscope --help` lists the commands.")
    .addHelpText(
      "after",
      examplesText([["convscope demo", "the whole of it on built-in pictures, in minutes"]]),
    )
    .exitOverride();
  // Only the command asked for is loaded; all of them for help and for a name that does not exist.
  const [first = ""] = words;
  for (const name of Object.hasOwn(commands, first) ? [first] : Object.keys(commands))
    declare(program, name, await commands[name]!());
  try {
    await program.parseAsync(words, { from: "user" });
    return exitCodes.done;
  } catch (error) {
    return exitCodeFor(error);
  }
}

function declare(program: Command, name: string, { summary, examples, configure }: CommandSpec): void {
  const command = program
    .command(name)
    .description(summary)
    .showHelpAfterError(`\`convscope ${name} --help\` says how to use it.`)
    .addHelpText("after", examplesText(examples));
  configure(command);
}

type Argument = Command["registeredArguments"][number];

function term(argument: Argument): string {
  const name = argument.name() + (argument.variadic ? "..." : "");
  return argument.required ? `<${name}>` : `[${name}]`;
}

function examplesText(examples: CommandSpec["examples"]): string {
  const lines = examples.map(([line, meaning]) => `  ${line}\n      ${meaning}`);
  return `\n${examples.length > 1 ? "Examples" : "Example"}:\n${lines.join("\n")}`;
}

function exitCodeFor(error: unknown): number {
  if (error instanceof Interrupted) return exitCodes.interrupted;
  // Commander has printed its own message; help and version count as done.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (error instanceof UserError) process.stderr.write(`convscope: ${error.message}\n`);
  else
    process.stderr.write(
      `convscope: this is a defect of ours; please report it.\n${(error as Error)?.stack ?? error}\n`,
    );
  return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
}

function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
