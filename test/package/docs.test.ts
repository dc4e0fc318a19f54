import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { commands } from "../../src/cli/commands/index.ts";
import { root } from "./tree.ts";

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...readdirSync(resolve(root, "docs"), { recursive: true })
    .map((name) => `docs/${String(name)}`)
    .filter((name) => name.endsWith(".md")),
];

const { scripts } = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

describe.each(pages)("%s", (page) => {
  const content = readFileSync(resolve(root, page), "utf8");
  const all = (pattern: RegExp): string[] => [...content.matchAll(pattern)].map(([, found]) => found!);

  test("names files that are there", () => {
    // Names to be chosen.
    const paths = all(/`((?:src|test|bench|scripts|docs)\/[\w./-]*)`/g).filter(
      (path) => !/NAME|FAMILY/.test(path),
    );
    expect(paths.filter((path) => !existsSync(resolve(root, path)))).toEqual([]);
  });

  test("links to files and headings that are there", () => {
    const targets = all(/\]\(([^)\s]+)\)/g).filter((target) => !/^\w+:/.test(target));
    const broken = targets.filter((target) => {
      const [file, heading] = target.split("#") as [string, string?];
      const path = file ? resolve(root, dirname(page), file) : resolve(root, page);
      if (!existsSync(path)) return true;
      return heading !== undefined && !headings(readFileSync(path, "utf8")).includes(heading);
    });
    expect(broken).toEqual([]);
  });

  test("names scripts and commands that there are", () => {
    expect(all(/npm run ([\w:]+)/g).filter((name) => !(name in scripts))).toEqual([]);
    expect(all(/(?:npx|^|`)\s*convscope ([a-z]+)/gm).filter((name) => !(name in commands))).toEqual([]);
  });
});

/** Anchors of a page's headings, as GitHub makes them. */
function headings(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
