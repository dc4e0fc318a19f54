import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { bytesOf, float32, type Tensor } from "../../src/base/tensor.ts";
import { type Graph, type Initializer, initializerTensor } from "../../src/graph/graph.ts";
import { openOnnx } from "../../src/graph/onnx/open.node.ts";
import { readOnnx } from "../../src/graph/onnx/read.ts";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { shared } from "../shared.ts";
import { foreignModel, graphMessage, Message, tensorMessage, valueMessage } from "./onnx-file.ts";
import { runFile, runGraph } from "./onnx-run.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "convscope-open-")));
afterAll(() => rmSync(root, { recursive: true }));

let desk = "";
let count = 0;
beforeEach(() => {
  desk = join(root, `${count++}`);
  mkdirSync(desk);
});

const counting = (size: number, from = 0): Tensor =>
  float32(
    [size],
    Array.from({ length: size }, (_, index) => from + index),
  );

/** `y = x * a + b` with weights of 4 KB each. */
const sum = (a: Tensor, b: Tensor): Message =>
  graphMessage({
    nodes: [
      { op: "Mul", inputs: ["x", "a"], outputs: ["p"] },
      { op: "Add", inputs: ["p", "b"], outputs: ["y"] },
    ],
    inputs: [{ name: "x", code: 1, shape: [1024] }],
    outputs: [{ name: "y", code: 1, shape: [1024] }],
    constants: { a, b },
  });

function save(name: string, bytes: Uint8Array): string {
  const path = join(desk, name);
  writeFileSync(path, bytes);
  return path;
}

/** Graphs with the bytes of all constants, wherever they lie. */
const whole = (graph: Graph): unknown => ({
  ...graph,
  initializers: [...graph.initializers.values()].map(({ name, dtype, shape, bytes }) => ({
    name,
    dtype,
    shape,
    bytes: Buffer.from(bytes),
  })),
});

describe("a model opened by its path", () => {
  it("is the one that its bytes make, but for the weights, which stay in the file", () => {
    const small = float32([2], [3, 4]);
    const bytes = foreignModel(sum(counting(1024), small));
    const path = save("a.onnx", bytes);
    const graph = openOnnx(path);
    expect(whole(graph)).toEqual(whole(readOnnx(bytes, "a.onnx")));
    const { a, b } = Object.fromEntries(graph.initializers);
    expect(a!.file!.path).toBe(path);
    const { offset } = a!.file!;
    expect(new Uint8Array(bytes.subarray(offset, offset + 4096))).toEqual(bytesOf(counting(1024)));
    expect(b!.file).toBeUndefined();
    // As they are in the file at that moment.
    expect(a!.bytes).not.toBe(a!.bytes);
  });

  it("is not read but for its structure", () => {
    const bytes = foreignModel(sum(counting(2_000_000), counting(2_000_000, 7)));
    let read = 0;
    const graph = readOnnx(
      {
        size: bytes.length,
        read(offset, length) {
          read += length;
          return bytes.slice(offset, offset + length);
        },
      },
      "a.onnx",
    );
    expect(read).toBeLessThan(400_000);
    const expected = bytesOf(counting(2_000_000, 7));
    expect(Buffer.compare(graph.initializers.get("b")!.bytes, expected)).toBe(0);
    expect(read).toBeGreaterThan(8_000_000);
  });

  it.skipIf(!shared)("is the same for every model at hand", () => {
    const folders = readdirSync(join(shared!, "fixtures"), { withFileTypes: true });
    const models = folders
      .filter((entry) => entry.isDirectory() && entry.name !== "innvestigate")
      .map(({ name }) => join(shared!, "fixtures", name, "model.onnx"));
    for (const path of [...models, join(shared!, "models/googlenet-bvlc.onnx")]) {
      const graph = openOnnx(path);
      expect(Buffer.compare(writeOnnx(graph), writeOnnx(readOnnx(readFileSync(path), path))), path).toBe(0);
    }
  });

  it("may be larger than 4 GB", () => {
    // One tensor of 4.5 GB, of which the disk holds nothing, and one behind it.
    const large = 4_500_000_000;
    const behind = new Message().with(5, tensorMessage("behind", counting(1024))).done();
    const header = new Message().int(1, large).int(2, 2).text(8, "large").done();
    const field = (tag: number, length: number): Uint8Array => {
      const bytes = [tag];
      for (let rest = length; ; rest = Math.floor(rest / 128)) {
        bytes.push((rest % 128) + (rest > 127 ? 128 : 0));
        if (rest < 128) return Uint8Array.from(bytes);
      }
    };
    const raw = field((9 << 3) | 2, large);
    const tensor = field((5 << 3) | 2, header.length + raw.length + large);
    const graph = field((7 << 3) | 2, tensor.length + header.length + raw.length + large + behind.length);
    const opset = new Message().with(8, new Message().int(2, 17)).done();
    const front = Buffer.concat([opset, graph, tensor, header, raw]);
    const path = save("large.onnx", front);
    const file = openSync(path, "r+");
    ftruncateSync(file, front.length + large);
    writeSync(file, behind, 0, behind.length, front.length + large);
    closeSync(file);
    const { initializers } = openOnnx(path);
    expect(initializers.get("large")!.file!.offset).toBe(front.length);
    expect(initializers.get("behind")!.file!.offset).toBeGreaterThan(large);
    expect(initializerTensor(initializers.get("behind")!)).toEqual(counting(1024));
  });

  it("must stay the file that it is", () => {
    const path = save("a.onnx", foreignModel(sum(counting(1024), counting(1024))));
    const weight = openOnnx(path).initializers.get("a")!;
    appendFileSync(path, "!");
    expect(() => weight.bytes).toThrow(
      new UserError(`${path} has changed since it was opened; open it again.`),
    );
    rmSync(path);
    expect(() => weight.bytes).toThrow(UserError);
  });

  it("must be there, and a file", () => {
    const missing = join(desk, "missing.onnx");
    expect(() => openOnnx(missing)).toThrow(
      new UserError(`${missing} cannot be read: there is no such file; copy it there, or give another path.`),
    );
    expect(() => openOnnx(desk)).toThrow(
      new UserError(`${desk} cannot be read: it is not a file; give the path of one.`),
    );
  });

  it("is refused when it is cut, in words", () => {
    const bytes = foreignModel(sum(counting(1024), counting(1024)));
    for (let end = 0; end < bytes.length; end += 61) {
      const path = save("cut.onnx", bytes.subarray(0, end));
      expect(() => openOnnx(path), `at ${end}`).toThrow(/cut\.onnx is truncated or not an ONNX file \(/);
    }
  });
});

interface Place {
  readonly location?: string;
  readonly offset?: number | string;
  readonly length?: number | string;
}

/** `y = x * a + b`, where data of `a` and `b` are elsewhere. */
function externalModel(a: Place, b: Place = a): string {
  const tensor = (name: string, place: Place): Message => {
    const message = new Message().int(1, 1024).int(2, 1).text(8, name).int(14, 1);
    for (const [key, value] of Object.entries(place))
      message.with(13, new Message().text(1, key).text(2, `${value}`));
    return message;
  };
  const { nodes, x, y } = {
    nodes: new Message(),
    x: { name: "x", code: 1, shape: [1024] },
    y: { name: "y", code: 1 },
  };
  nodes.with(1, new Message().text(1, "x").text(1, "a").text(2, "p").text(3, "1").text(4, "Mul"));
  nodes.with(1, new Message().text(1, "p").text(1, "b").text(2, "y").text(3, "2").text(4, "Add"));
  nodes.with(5, tensor("a", a)).with(5, tensor("b", b)).with(11, valueMessage(x)).with(12, valueMessage(y));
  return save("model.onnx", foreignModel(nodes));
}

describe("data of tensors beside the model", () => {
  const x = counting(1024, 0.5);

  it("are read where the model says", async () => {
    const data = Buffer.concat([Buffer.alloc(64), bytesOf(counting(1024)), bytesOf(counting(1024, -7))]);
    save("weights.bin", data);
    const path = externalModel(
      { location: "weights.bin", offset: 64, length: 4096 },
      { location: "./weights.bin", offset: 4160 },
    );
    const graph = openOnnx(path);
    expect(graph.initializers.get("a")!.file).toEqual({ path: join(desk, "weights.bin"), offset: 64 });
    expect(initializerTensor(graph.initializers.get("b")!)).toEqual(counting(1024, -7));
    expect(await runGraph(graph, { x })).toEqual(await runFile(path, { x }));
    // In a browser they may be in memory.
    const external = () => ({
      size: data.length,
      read: (offset: number, length: number) => data.subarray(offset, offset + length),
    });
    const read = readOnnx(readFileSync(path), "model.onnx", { external });
    expect(whole(read)).toEqual(whole(graph));
    expect(read.initializers.get("a")!.file).toBeUndefined();
  });

  it("may be shared, lie in folders, and behind links that stay", () => {
    mkdirSync(join(desk, "data"));
    writeFileSync(join(desk, "data", "w"), bytesOf(counting(2048)));
    symlinkSync(join("data", "w"), join(desk, "link"));
    const path = externalModel({ location: "data/w", offset: 0 }, { location: "link", offset: 1024 });
    const { initializers } = openOnnx(path);
    expect(initializerTensor(initializers.get("a")!)).toEqual(counting(1024));
    expect(initializerTensor(initializers.get("b")!)).toEqual(counting(1024, 256));
    expect(initializers.get("b")!.file!.path).toBe(join(desk, "data", "w"));
  });

  it("may begin beyond 4 GB", () => {
    const offset = 2 ** 32 + 4096;
    const file = openSync(join(desk, "w"), "w");
    writeSync(file, bytesOf(counting(1024)), 0, 4096, offset);
    closeSync(file);
    const { initializers } = openOnnx(externalModel({ location: "w", offset, length: 4096 }));
    expect(initializerTensor(initializers.get("a")!)).toEqual(counting(1024));
  });

  it("are refused where they may not be, by name", () => {
    writeFileSync(join(root, "secret"), Buffer.alloc(8192));
    symlinkSync(join("..", "secret"), join(desk, "leaves"));
    symlinkSync("loop", join(desk, "loop"));
    save("short", Buffer.alloc(4100));
    mkdirSync(join(desk, "folder"));
    const outside = "it is not a path within the model's folder; save the model with its data beside it.";
    const refusals: [Place, string][] = [
      [{ location: join(root, "secret") }, outside],
      [{ location: "../secret" }, outside],
      [{ location: "folder/../../secret" }, outside],
      [{ location: "folder\\..\\short" }, outside],
      [{ location: "C:\\secret" }, outside],
      [{ location: "short\0" }, outside],
      [{ location: "" }, outside],
      [{}, outside],
      [{ location: "leaves" }, "it is a link that leaves the model's folder; copy the file itself there."],
      [{ location: "loop" }, "it is a link to itself; copy the file itself there."],
      [{ location: "model.onnx" }, "it is the model itself; export the model again."],
      [{ location: "missing" }, "there is no such file; copy it there, or give another path."],
      [{ location: "folder" }, "it is not a file; give the path of one."],
    ];
    for (const [place, why] of refusals) {
      const path = externalModel(place);
      expect(() => openOnnx(path), place.location).toThrow(
        new UserError(
          `${path}: the tensor "a" lies in the file "${place.location ?? ""}", which cannot be read: ${why}`,
        ),
      );
    }
    const ranges: [Place, string][] = [
      [{ offset: 8 }, "which ends at 4100, before the tensor does at 4104; copy both files again."],
      [{ offset: -4 }, 'at offset "-4", length "4096"; export the model again.'],
      [{ offset: "0x10" }, 'at offset "0x10", length "4096"; export the model again.'],
      [
        { offset: "9007199254740991" },
        'at offset "9007199254740991", length "4096"; export the model again.',
      ],
      [{ offset: 0, length: 4092 }, "in 4092 bytes, not 4096; export the model again."],
      [{ offset: 0, length: -4096 }, 'at offset "0", length "-4096"; export the model again.'],
    ];
    for (const [place, why] of ranges) {
      const path = externalModel({ location: "short", ...place });
      expect(() => openOnnx(path)).toThrow(
        new UserError(`${path}: the tensor "a" lies in the file "short", ${why}`),
      );
    }
  });

  it("are not the model under another name", () => {
    const path = externalModel({ location: "other" });
    linkSync(path, join(desk, "other"));
    expect(() => openOnnx(path)).toThrow(/which cannot be read: it is the model itself/);
  });
});

describe("a graph written with constants elsewhere", () => {
  it("points at the file that they are in, and does not read them", async () => {
    const original = save("original.onnx", foreignModel(sum(counting(1024), counting(1024, -7))));
    const graph = openOnnx(original);
    const places = new Map([...graph.initializers].map(([name, { file }]) => [name, file!.offset]));
    const initializers = new Map(
      [...graph.initializers].map(([name, { dtype, shape, file }]) => {
        const unread: Initializer = {
          name,
          dtype,
          shape,
          ...(file && { file }),
          get bytes() {
            return expect.fail("the bytes were read");
          },
        };
        return [name, unread];
      }),
    );
    const bytes = writeOnnx(
      { ...graph, initializers },
      {
        external: ({ file }) => file && { location: basename(file.path), offset: file.offset, length: 4096 },
      },
    );
    expect(bytes.length).toBeLessThan(1000);
    const derived = save("derived.onnx", bytes);
    const x = { x: counting(1024, 0.5) };
    expect(await runFile(derived, x)).toEqual(await runFile(original, x));
    const again = openOnnx(derived).initializers;
    expect([...again].map(([name, { file }]) => [name, file!.offset])).toEqual([...places]);
    expect(again.get("a")!.file!.path).toBe(original);
  });

  it("holds those that are said to be nowhere else", async () => {
    const graph = readOnnx(foreignModel(sum(counting(1024), counting(1024, -7))), "a.onnx");
    save("w", bytesOf(counting(1024)));
    const bytes = writeOnnx(graph, {
      external: ({ name }) => (name === "a" ? { location: "w", offset: 0, length: 4096 } : undefined),
    });
    const path = save("half.onnx", bytes);
    const x = { x: counting(1024, 0.5) };
    expect(await runFile(path, x)).toEqual(await runGraph(graph, x));
  });
});
