import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { type Download, download } from "../../src/model/weights/download.node.ts";

const desk = mkdtempSync(join(tmpdir(), "convscope-download-"));
const draw = random(7, "file");
const file = Uint8Array.from({ length: 3 * 2 ** 20 + 12_345 }, () => draw.below(256));
const digits = createHash("sha256").update(file).digest("hex").slice(0, 8);

/** What the server does with a request for the file, and the ranges that it was asked for. */
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const asked: (string | undefined)[] = [];
const server = createServer((request, response) => {
  asked.push(request.headers.range);
  answer(request, response);
});
const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/weights.pth`;

beforeAll(() => new Promise<void>((done) => server.listen(0, "127.0.0.1", done)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(desk, { recursive: true });
});

let folder: string;
beforeEach(() => {
  asked.length = 0;
  folder = mkdtempSync(join(desk, "cache-"));
});
const path = (): string => join(folder, "weights.pth");
const wanted = (changes: Partial<Download> = {}): Download => ({
  url: url(),
  path: path(),
  digits,
  size: Number((file.length / 2 ** 20).toFixed(3)),
  ...changes,
});

/** Sends what is asked for, up to a place where the connection is cut. */
const ranged =
  (...cuts: number[]): typeof answer =>
  ({ headers }, response) => {
    const [, from] = /^bytes=(\d+)-$/.exec(headers.range ?? "") ?? [];
    const begin = Number(from ?? 0);
    if (begin >= file.length) {
      response.writeHead(416).end();
      return;
    }
    const range =
      from === undefined ? {} : { "content-range": `bytes ${begin}-${file.length - 1}/${file.length}` };
    response.writeHead(from === undefined ? 200 : 206, { "content-length": file.length - begin, ...range });
    const cut = cuts.shift();
    if (cut === undefined) response.end(file.subarray(begin));
    else response.write(file.subarray(begin, cut), () => setTimeout(() => response.destroy(), 50));
  };

const whole = (): void => {
  expect(Buffer.compare(readFileSync(path()), file)).toBe(0);
  expect(readdirSync(folder)).toEqual(["weights.pth"]);
};

describe("a file is fetched", () => {
  test("whole, into a folder that is made, with its progress", async () => {
    answer = ranged();
    const seen: [number, number][] = [];
    await download(
      wanted({ path: join(folder, "new/weights.pth"), onProgress: (...step) => seen.push(step) }),
    );
    expect(Buffer.compare(readFileSync(join(folder, "new/weights.pth")), file)).toBe(0);
    expect(seen.at(-1)).toEqual([file.length, file.length]);
    expect(asked).toEqual([undefined]);
  });

  test("on from where the connection was cut, as often as need be", async () => {
    answer = ranged(2 ** 20, 2 * 2 ** 20);
    await download(wanted());
    whole();
    expect(asked).toHaveLength(3);
    expect(asked.slice(1).every((range) => /^bytes=\d+-$/.test(range!))).toBe(true);
  });

  test("on from an earlier try, and not at all where that had it all", async () => {
    answer = ranged();
    writeFileSync(`${path()}.part`, file.subarray(0, 1000));
    await download(wanted());
    whole();
    rmSync(path());
    writeFileSync(`${path()}.part`, file);
    await download(wanted());
    whole();
    expect(asked).toEqual(["bytes=1000-", `bytes=${file.length}-`]);
  });

  test("anew from a server that knows no ranges", async () => {
    answer = (_, response) => response.writeHead(200, { "content-length": file.length }).end(file);
    writeFileSync(`${path()}.part`, new Uint8Array(5000));
    await download(wanted());
    whole();
  });

  test("from a server that does not say how long it is", async () => {
    answer = (_, response) => {
      response.write(file.subarray(0, 100_000));
      response.end(file.subarray(100_000));
    };
    const seen: [number, number][] = [];
    await download(wanted({ onProgress: (...step) => seen.push(step) }));
    whole();
    const [done, total] = seen.at(-1)!;
    expect(done).toBe(file.length);
    expect(Math.abs(total - file.length)).toBeLessThan(2 ** 10);
  });

  test("as it is, not packed on its way", async () => {
    answer = (request, response) => {
      expect(request.headers["accept-encoding"]).toBe("identity");
      ranged()(request, response);
    };
    await download(wanted());
    whole();
  });

  test("past the lock of a process that is no more, or had the number that is ours now", async () => {
    answer = ranged();
    for (const { pid } of [spawnSync(process.execPath, ["-e", ""]), process]) {
      rmSync(path(), { force: true });
      writeFileSync(`${path()}.part.lock`, String(pid));
      await download(wanted());
      whole();
    }
  });
});

describe("what goes wrong is said, and nothing takes the place of the file", () => {
  const refused = async (changes: Partial<Download>, message: RegExp): Promise<void> => {
    await expect(download(wanted(changes))).rejects.toThrow(message);
    expect(existsSync(path())).toBe(false);
    expect(existsSync(`${path()}.part.lock`)).toBe(false);
  };

  test("a connection that breaks again and again; what has come is kept", async () => {
    answer = ranged(...Array.from({ length: 9 }, (_, at) => (at + 1) * 10_000));
    await refused({}, /broke 5 times; run the same command again to go on from there\.$/);
    answer = ranged();
    await download(wanted());
    whole();
  });

  test("a wrong checksum, which is begun anew the next time", async () => {
    answer = ranged();
    writeFileSync(`${path()}.part`, new Uint8Array(1000));
    await refused(
      {},
      new RegExp(`where ${digits}… is expected, and was deleted; run the same command again\\.$`),
    );
    await download(wanted());
    whole();
  });

  test("another size", async () => {
    const page = "<html>Sign in</html>";
    const message =
      /has 0\.000 MiB where 3\.012 are expected; it is another file, or a page instead of it\.$/;
    answer = (_, response) => response.end(page);
    await refused({}, message);
    answer = (_, response) => {
      response.write(page);
      response.end();
    };
    await refused({}, message);
    answer = ranged();
    await download(wanted());
    whole();
  });

  test("no such file, and no server", async () => {
    answer = (_, response) => response.writeHead(404, "Not Found").end();
    await refused(
      {},
      /answers 404 Not Found; try later, or fetch it elsewhere and put it here: .*weights\.pth$/,
    );
    await refused(
      { url: "http://127.0.0.1:9/weights.pth" },
      /cannot be reached \(.*\); fetch it elsewhere, and put it here: .*weights\.pth$/,
    );
  });

  test("another process that is at it", async () => {
    const other = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"]);
    writeFileSync(`${path()}.part.lock`, String(other.pid));
    await expect(download(wanted())).rejects.toThrow(
      `Process ${other.pid} is fetching ${path()} already; wait for it.`,
    );
    other.kill();
  });

  test("two at once in one process", async () => {
    answer = ranged();
    const [one, two] = await Promise.allSettled([download(wanted()), download(wanted())]);
    expect([one.status, two.status].sort()).toEqual(["fulfilled", "rejected"]);
    whole();
  });

  test("an end from outside; what has come is kept", async () => {
    answer = ({ headers }, response) => {
      if (headers.range) return ranged()({ headers } as IncomingMessage, response);
      response.writeHead(200, { "content-length": file.length });
      response.write(file.subarray(0, 500_000));
    };
    const stop = new AbortController();
    const onProgress = (): void => stop.abort();
    await expect(download(wanted({ signal: stop.signal, onProgress }))).rejects.toThrow(/abort/i);
    await download(wanted());
    whole();
    expect(asked.at(-1)).toMatch(/^bytes=[1-9]\d*-$/);
  });

  test("a full disk; what has come is kept", async ({ skip }) => {
    answer = ranged();
    const small = join(folder, "small");
    mkdirSync(small);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", small]);
    if (mounted.status !== 0) skip("no file system can be mounted here");
    try {
      await expect(download(wanted({ path: join(small, "weights.pth") }))).rejects.toThrow(
        /weights\.pth was not written: the disk is full; free some space\. What has come is kept for the next time\.$/,
      );
      expect(readdirSync(small)).toEqual(["weights.pth.part"]);
      expect(spawnSync("mount", ["-o", "remount,size=8m", small]).status).toBe(0);
      await download(wanted({ path: join(small, "weights.pth") }));
      expect(readdirSync(small)).toEqual(["weights.pth"]);
      expect(asked.at(-1)).toMatch(/^bytes=[1-9]\d*-$/);
    } finally {
      spawnSync("umount", [small]);
    }
  });
});
