import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { importsOf, nodeOnly, root, sources } from "./tree.ts";

/** Rooms in the order that data flows; those that stand together know nothing of each other. */
const order: readonly (readonly string[])[] = [
  ["base"],
  ["graph"],
  ["autodiff"],
  ["engine"],
  ["formats"],
  ["model"],
  ["data"],
  ["features"],
  ["evaluate"],
  ["explain", "export", "inspect", "train"],
  ["quality"],
  ["render"],
  ["survey"],
  ["report"],
  ["cli"],
];

/** The room a file lives in; undefined for the entries, which stand above all rooms. */
const roomOf = (file: string): string | undefined => /^src\/([^/]+)\//.exec(file)?.[1];

const rank = (room: string): number => order.findIndex((rooms) => rooms.includes(room));

/** `file imports target` for every import that `forbidden` objects to, with what it says. */
function offences(forbidden: (file: string, target: string) => string | undefined): string[] {
  return sources.flatMap((file) =>
    importsOf(file).flatMap((target) => {
      const reason = forbidden(file, target);
      return reason ? [`${file} imports ${target}: ${reason}`] : [];
    }),
  );
}

describe("imports between rooms", () => {
  test("every room has its place in the order, here and in docs/architecture.md", () => {
    const rooms = [...new Set(sources.flatMap((file) => roomOf(file) ?? []))];
    expect(rooms.sort()).toEqual(order.flat().sort());
    const line = order.map((names) => (names.length > 1 ? `{ ${names.join(", ")} }` : names[0])).join(" ◀─ ");
    expect(readFileSync(resolve(root, "docs/architecture.md"), "utf8")).toContain(line);
  });

  test("every import of ours leads to a file", () => {
    expect(
      offences((_, target) =>
        target.startsWith("src/") && !existsSync(resolve(root, target)) ? "there is no such file" : undefined,
      ),
    ).toEqual([]);
  });

  test("go from right to left alone", () => {
    expect(
      offences((file, target) => {
        const [from, to] = [roomOf(file), roomOf(target)];
        if (!target.startsWith("src/") || from === undefined || from === to) return undefined;
        if (to === undefined) return "a room may not import an entry of the package";
        return rank(to) < rank(from) ? undefined : `${from} comes before or stands beside ${to}`;
      }),
    ).toEqual([]);
  });

  test("leave the package at the top: only src/ and packages", () => {
    expect(offences((_, target) => (target.startsWith("..") ? "outside src/" : undefined))).toEqual([]);
  });
});

describe("what runs in a browser", () => {
  test("imports nothing that needs Node", () => {
    expect(
      offences((file, target) => {
        if (nodeOnly(file)) return undefined;
        if (target.startsWith("node:")) return "only *.node.ts, cli/, engine/node.ts and index.ts may";
        return target.startsWith("src/") && nodeOnly(target) ? "it needs Node" : undefined;
      }),
    ).toEqual([]);
  });

  test("ONNX Runtime is known to the engine alone", () => {
    expect(
      offences((file, target) =>
        target.startsWith("onnxruntime-") && roomOf(file) !== "engine" ? "go through Engine" : undefined,
      ),
    ).toEqual([]);
  });
});
