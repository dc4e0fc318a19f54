import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { commands } from "../../src/cli/commands/index.ts";
import { convscope, desk, environment, jsonLines, program, start } from "./convscope.ts";

const names = Object.keys(commands);

describe("help", () => {
  test("lists every command", async () => {
    const { code, stdout } = await convscope("--help");
    expect(code).toBe(0);
    for (const name of names) expect(stdout).toMatch(new RegExp(`^  ${name} .*[a-z]`, "m"));
  });

  test.each(names)("of %s shows an example that begins with its name", async (name) => {
    const { code, stdout, stderr } = await convscope(name, "--help");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(new RegExp(`\nExamples?:\n  convscope ${name}\\b.*\n      \\S`));
  });

  test("is what no words at all get, as wrong use", async () => {
    const { code, stdout, stderr } = await convscope();
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("Usage: convscope [options] [command]");
  });

  test("names the version", async () => {
    const { version } = JSON.parse(readFileSync(resolve(import.meta.dirname, "../../package.json"), "utf8"));
    expect(await convscope("--version")).toMatchObject({ code: 0, stdout: `${version}\n` });
  });
});

describe("wrong use ends with code 2 and says where to look", () => {
  test.each([
    [
      ["sumary"],
      "convscope: unknown command 'sumary'\n(Did you mean summary?)\n`convscope --help` lists the commands.\n",
    ],
    // A name that every object has.
    [["constructor"], "convscope: unknown command 'constructor'\n`convscope --help` lists the commands.\n"],
    [
      ["summary"],
      "convscope: missing required argument 'model'\n`convscope summary --help` says how to use it.\n",
    ],
    [
      ["train", "photos", "--bach", "3"],
      "convscope: unknown option '--bach'\n(Did you mean --batch?)\n`convscope train --help` says how to use it.\n",
    ],
    [
      ["train", "photos", "--epochs", "0"],
      "convscope: option '--epochs <n>' argument '0' is invalid. It takes a whole number from 1.\n`convscope train --help` says how to use it.\n",
    ],
    [
      ["train", "photos", "--learning-rate", "0"],
      "convscope: option '--learning-rate <x>' argument '0' is invalid. It takes a number above 0.\n`convscope train --help` says how to use it.\n",
    ],
    [
      ["train", "photos", "--filters", "8,many"],
      "convscope: option '--filters <list>' argument '8,many' is invalid. It takes whole numbers from 1, set apart by commas.\n`convscope train --help` says how to use it.\n",
    ],
    [
      ["train", "photos", "--rotation", "200"],
      "convscope: option '--rotation <degrees>' argument '200' is invalid. It takes degrees from 0 to 180.\n`convscope train --help` says how to use it.\n",
    ],
    [
      ["train", "photos", "--zoom", ""],
      "convscope: option '--zoom <x>' argument '' is invalid. It takes a number from 0 to below 1.\n`convscope train --help` says how to use it.\n",
    ],
    [["train"], "convscope: Which photos? Give a folder, or --resume RUN to go on with a run.\n"],
  ])("%j", async (words, message) => {
    expect(await convscope(...words)).toMatchObject({ code: 2, stdout: "", stderr: message });
  });
});

describe("output", () => {
  test("has colours neither in a pipe nor under NO_COLOR, even where a CI service asks for them", async () => {
    const outputs = await Promise.all(
      [{}, { NO_COLOR: "1" }, { CI: "true" }].map(async (env) => (await start(["doctor"], { env })).ended),
    );
    for (const { code, stdout } of outputs) {
      expect(code).toBe(0);
      expect(stdout).toMatch(/^ok /);
      expect(stdout).not.toContain("\x1b");
    }
  });

  test("has colours on a terminal, unless NO_COLOR is set", async ({ skip }) => {
    const onTerminal = async (env: Record<string, string>): Promise<string> => {
      const words = ["-qec", `"${process.execPath}" "${await program}" doctor`, "/dev/null"];
      const { stdout } = spawnSync("script", words, {
        cwd: desk,
        env: { ...environment, TERM: "xterm-256color", ...env },
        encoding: "utf8",
      });
      return stdout ?? "";
    };
    const colored = await onTerminal({});
    if (!colored.includes("ONNX Runtime")) skip("there is no script(1) of util-linux to make a terminal");
    expect(colored).toContain("\x1b[32mok");
    expect(await onTerminal({ NO_COLOR: "1" })).not.toContain("\x1b[");
  });

  test("may be closed by its reader, as head does", async () => {
    const child = spawn(process.execPath, [await program, "doctor"], {
      cwd: desk,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.on("data", (text) => (stderr += text));
    const code = await new Promise((settle) => child.on("close", settle));
    expect([code, stderr]).toEqual([0, ""]);
  });
});

describe("doctor", () => {
  test("finds this machine fit, a line a check", async () => {
    const { code, stdout, stderr } = await convscope("doctor");
    expect([code, stderr]).toEqual([0, ""]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(6);
    for (const line of lines) expect(line).toMatch(/^ok {6}\S.{21} \S/);
    expect(stdout).toContain(process.version);
  });

  test("as JSON", async () => {
    const { stdout } = await convscope("doctor", "--json");
    const checks = jsonLines(stdout);
    expect(checks.map(({ check }) => check)).toEqual([
      "Node.js",
      "ONNX Runtime",
      "reading photos",
      "fonts for figures",
      "writing files",
      "processors and memory",
    ]);
    for (const { ok, found } of checks) expect([ok, typeof found]).toEqual([true, "string"]);
  });
});
