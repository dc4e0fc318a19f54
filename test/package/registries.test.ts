import { readFileSync } from "node:fs";
import { basename, posix, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { rules } from "../../src/autodiff/rules/index.ts";
import { commands } from "../../src/cli/commands/index.ts";
import { conventions } from "../../src/explain/conventions/index.ts";
import { families } from "../../src/explain/methods/index.ts";
import { exportFormats } from "../../src/export/formats/index.ts";
import { architectures } from "../../src/model/architectures/index.ts";
import * as layers from "../../src/model/layers/index.ts";
import { type TaskName, tasks } from "../../src/model/tasks/index.ts";
import { metrics } from "../../src/quality/metrics/index.ts";
import { renderings } from "../../src/render/renderings/index.ts";
import { lossFor } from "../../src/train/losses/index.ts";
import { optimizers } from "../../src/train/optimizers/index.ts";
import { schedules } from "../../src/train/schedules/index.ts";
import { reachableFrom, root, sources } from "./tree.ts";

const entriesOf = (folder: string): string[] =>
  sources.filter((file) => posix.dirname(file) === folder && basename(file) !== "index.ts");

/** A folder with an index is a registry: one file a thing. */
const registries = sources
  .filter((file) => basename(file) === "index.ts" && file !== "src/index.ts")
  .map((file) => posix.dirname(file));

const load = async (file: string): Promise<Record<string, unknown>> => import(resolve(root, file));

/** File names without their ending, the names that registries go by. */
const names = (folder: string): string[] => entriesOf(folder).map((file) => basename(file, ".ts"));

describe.each(registries)("%s", (folder) => {
  test("its index leads to each of its files", () => {
    const reached = reachableFrom(`${folder}/index.ts`);
    expect(entriesOf(folder).filter((file) => !reached.has(file))).toEqual([]);
  });
});

describe("names", () => {
  test("the registries are where the recipes say", () => {
    expect(registries).toEqual(
      expect.arrayContaining([
        "src/autodiff/rules",
        "src/cli/commands",
        "src/explain/methods",
        "src/export/formats",
        "src/graph/operators",
        "src/model/architectures",
        "src/model/layers",
        "src/model/weights/keras-applications",
        "src/render/renderings",
        "src/quality/metrics",
        "src/train/losses",
        "src/train/optimizers",
        "src/train/schedules",
      ]),
    );
  });

  test("a method is called as its file, in the folder of its family", () => {
    for (const [family, methods] of Object.entries(families))
      expect(methods.map(({ name }) => name).sort(), family).toEqual(
        names(`src/explain/methods/${family}`).sort(),
      );
  });

  test("a metric is called as its file", () => {
    expect(metrics.map(({ name }) => name).sort()).toEqual(names("src/quality/metrics").sort());
  });

  test("a convention is called as its file", () => {
    expect(conventions.map(({ name }) => name).sort()).toEqual(names("src/explain/conventions").sort());
  });

  test("an export format is called as its file", () => {
    expect(exportFormats.map(({ name }) => name).sort()).toEqual(names("src/export/formats").sort());
  });

  test("a task is called as its file, in every room that has something to do for it", () => {
    const rooms = registries.filter((folder) => posix.basename(folder) === "tasks");
    expect(rooms).toEqual(
      expect.arrayContaining(["src/data/tasks", "src/evaluate/tasks", "src/model/tasks"]),
    );
    for (const room of rooms)
      expect(
        names(room)
          .filter((name) => name !== "task")
          .sort(),
        room,
      ).toEqual(Object.keys(tasks).sort());
    for (const [name, task] of Object.entries(tasks)) expect(task.name).toBe(name);
  });

  test("a rendering is called as its file", () => {
    const files = names("src/render/renderings").filter((name) => name !== "rendering");
    expect(Object.keys(renderings).sort()).toEqual(files.sort());
    for (const [name, draw] of Object.entries(renderings)) expect(draw.name).toBe(name);
  });

  test("an optimizer is called as its file, in the registry and by itself", () => {
    const files = names("src/train/optimizers").filter((name) => name !== "optimizer");
    expect(Object.keys(optimizers).sort()).toEqual(files.sort());
    for (const [name, make] of Object.entries(optimizers)) expect(make().name).toBe(name);
  });

  test("a schedule is called as its file, in the registry and by itself", () => {
    const files = names("src/train/schedules").filter((name) => name !== "schedule");
    expect(Object.keys(schedules).sort()).toEqual(files.sort());
    for (const [name, schedule] of Object.entries(schedules)) expect(schedule.name).toBe(name);
  });

  test("an architecture is called as its file, in the registry and in its graph", () => {
    expect(Object.keys(architectures).sort()).toEqual(names("src/model/architectures").sort());
    for (const [name, architecture] of Object.entries(architectures)) {
      expect(architecture.name).toBe(name);
      expect(architecture.build({ classes: ["a", "b"] }).graph.name).toBe(name);
    }
  });

  test("a command is called as its file", async () => {
    expect(Object.keys(commands).sort()).toEqual(names("src/cli/commands").sort());
  });

  test("a loss is called as its file", async () => {
    const found = new Set<string>();
    for (const name of names("src/train/losses").filter((file) => file !== "loss")) {
      const [loss, ...others] = Object.values(await load(`src/train/losses/${name}.ts`));
      expect(others).toEqual([]);
      expect((loss as { name: string }).name.replaceAll(" ", "-")).toBe(name);
      found.add((loss as { name: string }).name);
    }
    for (const task of Object.keys(tasks) as TaskName[])
      for (const classes of [2, 3]) expect(found).toContain(lossFor(classes, task).name);
    expect(found.size).toBe(3);
  });

  test("a layer's file exports one layer, called as the file", () => {
    const camel = (name: string) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    expect(Object.keys(layers).sort()).toEqual(names("src/model/layers").map(camel).sort());
  });

  test("an operator's gradient rule stands in one file only", async () => {
    const found = new Map<string, string>();
    for (const file of entriesOf("src/autodiff/rules"))
      for (const table of Object.values(await load(file)))
        if (typeof table === "object")
          for (const operator of Object.keys(table as object)) {
            expect(found.get(operator), `${operator} has a rule in ${file} too`).toBeUndefined();
            found.set(operator, file);
          }
    expect(Object.keys(rules).sort()).toEqual([...found.keys()].sort());
  });

  test("an operator is exported by one file only", async () => {
    // `export *` drops a name that two files export, without a word.
    const found = (
      await Promise.all(entriesOf("src/graph/operators").map(async (file) => Object.keys(await load(file))))
    ).flat();
    expect(found.filter((name, at) => found.indexOf(name) !== at)).toEqual([]);
  });
});

test("every source file is led to from an entry", () => {
  const entries = ["src/index.ts", "src/browser.ts", "src/cli/main.ts"];
  const reached = new Set(entries.flatMap((file) => [...reachableFrom(file)]));
  expect(sources.filter((file) => !reached.has(file))).toEqual([]);
  expect(readFileSync(resolve(root, "src/cli/main.ts"), "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
});
