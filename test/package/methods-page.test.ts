import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { pages, withParts } from "../../scripts/methods/tables.ts";
import { methods } from "../../src/explain/methods/index.ts";
import { root } from "./tree.ts";

const page = readFileSync(resolve(root, "docs/methods.md"), "utf8");

test.each(Object.keys(pages))("%s says what the registries say; `npm run methods` writes it anew", (name) => {
  const text = readFileSync(resolve(root, name), "utf8");
  expect(text).toBe(withParts(name, text));
});

test("docs/methods.md advises methods that there are", () => {
  const [, advice] = /## Which one\n([^#]*)## /.exec(page)!;
  const rows = advice!.split("\n").filter((line) => line.startsWith("| "));
  const advised = rows.flatMap((row) => [...row.split("|")[2]!.matchAll(/`([a-z][a-z0-9-]*)/g)]);
  const names = methods.map(({ name }) => name);
  expect(advised.length).toBeGreaterThan(15);
  for (const [, name] of advised) expect(names).toContain(name);
});
