import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { writeNpy } from "../../src/formats/npy.ts";
import { writeSafetensors } from "../../src/formats/safetensors.ts";
import { initializerTensor } from "../../src/graph/graph.ts";
import { architectures } from "../../src/model/architectures/index.ts";
import { desk, type Ended, type StartOptions, start } from "./convscope.ts";

const convscope = async (options: StartOptions, ...words: string[]): Promise<Ended> =>
  (await start(words, options)).ended;

const squeezenet = architectures["squeezenet1-1"];
const published = squeezenet.weights!;

/** SqueezeNet's drawn weights under the names of torchvision's file. */
function drawnWeights(): Uint8Array {
  const { graph, layers } = squeezenet.build({ seed: 3 });
  const names = layers.flatMap(({ parameters }) => parameters);
  return writeSafetensors(
    new Map(names.map((name): [string, Tensor] => [name, initializerTensor(graph.initializers.get(name)!)])),
  );
}

const picture = (): void =>
  writeFileSync(
    join(desk, "x.npy"),
    writeNpy(float32([3, 224, 224], new Float32Array(3 * 224 ** 2).fill(0.5))),
  );

test("architectures are listed, with their weights", async () => {
  const env = { CONVSCOPE_CACHE: join(desk, "cache") };
  const { stdout, code } = await convscope({ env }, "models");
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^vgg16 +138,357,544 +224 +imagenet +71\.6% +528 MiB +convscope weights get vgg16$/m,
  );
  mkdirSync(env.CONVSCOPE_CACHE);
  writeFileSync(join(env.CONVSCOPE_CACHE, published.file), "");
  const rows = (await convscope({ env }, "models", "--json")).stdout.trim().split("\n");
  expect(rows.map((row) => JSON.parse(row))).toContainEqual(
    expect.objectContaining({
      name: "squeezenet1-1",
      parameters: 1_235_496,
      cached: join(env.CONVSCOPE_CACHE, published.file),
    }),
  );
});

test("an architecture with its weights in the cache is a model; without them it says how to get them", async () => {
  const env = { CONVSCOPE_CACHE: join(desk, "filled") };
  picture();
  expect(await convscope({ env }, "predict", "squeezenet1-1", "x.npy")).toMatchObject({
    code: 1,
    stderr:
      "convscope: The weights of squeezenet1-1 are not here yet; get them: convscope weights get squeezenet1-1.\n",
  });
  mkdirSync(env.CONVSCOPE_CACHE);
  writeFileSync(join(env.CONVSCOPE_CACHE, published.file), drawnWeights());
  const predicted = await convscope({ env }, "predict", "squeezenet1-1", "x.npy");
  expect(predicted).toMatchObject({ code: 0, stderr: "" });

  writeFileSync(join(desk, "squeezenet.safetensors"), drawnWeights());
  const converted = await convscope(
    { env },
    ...["weights", "convert", "squeezenet1-1", "squeezenet.safetensors", "-o", "squeezenet.onnx"],
  );
  expect(converted).toMatchObject({ code: 0, stdout: "squeezenet.onnx: squeezenet1-1, 1000 classes\n" });
  const same = await convscope({ env }, "predict", "squeezenet.onnx", "x.npy");
  expect(same.stdout).toBe(predicted.stdout);
  const told = await convscope(
    { env },
    ...["weights", "convert", "squeezenet1-1", "squeezenet.safetensors", "-o", "squeezenet.onnx", "--json"],
  );
  expect(JSON.parse(told.stdout)).toEqual({
    architecture: "squeezenet1-1",
    file: "squeezenet.onnx",
    classes: 1000,
    fresh: [],
  });
  const unknown = await convscope({ env }, "weights", "get", "squeezenet1-1");
  expect(unknown).toMatchObject({ code: 1, stdout: "" });
  expect(unknown.stderr).toMatch(
    /is not the published file: its SHA-256 is [0-9a-f]{8}… where b8a52dc0… is expected; delete it, and get it anew\.\n$/,
  );
});

test("Ctrl-C keeps what has come, and the same command goes on from there", async () => {
  const env = { CONVSCOPE_CACHE: join(desk, "interrupted") };
  const path = join(env.CONVSCOPE_CACHE, published.file);
  const body = new Uint8Array(Math.round(published.size * 2 ** 20));
  const asked: (string | undefined)[] = [];
  const server = createServer(({ headers }, response) => {
    asked.push(headers.range);
    const begin = Number(/\d+/.exec(headers.range ?? "0")![0]);
    const range = { "content-range": `bytes ${begin}-${body.length - 1}/${body.length}` };
    response.writeHead(headers.range ? 206 : 200, { "content-length": body.length - begin, ...range });
    // The first time it sends a part, and no more.
    if (headers.range) response.end(body.subarray(begin));
    else response.write(body.subarray(0, 2 ** 20));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const from = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const words = ["weights", "get", "squeezenet1-1", "--from", from];

  const first = await start(words, { env });
  await vi.waitFor(() => expect(statSync(`${path}.part`).size).toBe(2 ** 20), 20_000);
  first.child.kill("SIGINT");
  const stopped = await first.ended;
  expect(stopped).toMatchObject({ code: 130, stdout: "" });
  expect(stopped.stderr).toMatch(
    /stopped; what has come is kept\. To go on: convscope weights get squeezenet1-1\n$/,
  );
  expect(readdirSync(env.CONVSCOPE_CACHE)).toEqual([`${published.file}.part`]);

  await convscope({ env }, ...words);
  server.close();
  expect(asked).toEqual([undefined, `bytes=${2 ** 20}-`]);
});

test("weights are got from a server, and a file that is another is refused", async () => {
  const env = { CONVSCOPE_CACHE: join(desk, "got") };
  const asked: (string | undefined)[] = [];
  // Of the published size, so that it comes to the checksum.
  const body = new Uint8Array(Math.round(published.size * 2 ** 20));
  const server = createServer(({ url }, response) => {
    asked.push(url);
    response.writeHead(200, { "content-length": body.length }).end(body);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const from = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mirror/`;
  const got = await convscope({ env }, "weights", "get", "squeezenet1-1", "--from", from);
  server.close();
  expect(asked).toEqual([`/mirror/${published.file}`]);
  expect(got.code).toBe(1);
  expect(got.stderr).toMatch(
    /4\.729 MiB from torchvision, whose code is under the BSD 3-Clause licence; the weights were trained on ImageNet/,
  );
  expect(got.stderr).toMatch(/where b8a52dc0… is expected, and was deleted; run the same command again\.\n$/);

  const offline = await convscope({ env }, "weights", "get", "squeezenet1-1", "--from", "http://127.0.0.1:9");
  expect(offline.stderr).toMatch(
    new RegExp(`cannot be reached .*; fetch it elsewhere, and put it here: .*got/${published.file}\n$`),
  );
  for (const [name, message] of [
    ["lenet", /There is no architecture "lenet"; there are small-convnet, vgg16/],
    ["small-convnet", /Nobody published weights of small-convnet; train it/],
  ] as const)
    expect((await convscope({ env }, "weights", "get", name)).stderr).toMatch(message);
});
