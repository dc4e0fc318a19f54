import { strFromU8, strToU8, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { memorySource } from "../../src/base/byte-source.ts";
import { UserError } from "../../src/base/errors.ts";
import { isZip, readZip } from "../../src/formats/zip.ts";

const texts = (bytes: Uint8Array): Record<string, string> =>
  Object.fromEntries(
    [...readZip(memorySource(bytes), "a.zip")].map(([name, open]) => {
      const { size, read } = open();
      return [name, strFromU8(read(0, size))];
    }),
  );

const files = {
  "a.txt": strToU8("stored or not"),
  "folder/größe.txt": strToU8("again ".repeat(50)),
  empty: strToU8(""),
};
const content = { "a.txt": "stored or not", "folder/größe.txt": "again ".repeat(50), empty: "" };

/** Little-endian numbers of so many bytes each. */
const fields = (...numbers: readonly (readonly [width: number, value: number | bigint])[]): Uint8Array =>
  Buffer.concat(
    numbers.map(([width, value]) => {
      const field = Buffer.alloc(8);
      field.writeBigUInt64LE(BigInt(value));
      return field.subarray(0, width);
    }),
  );

/** An archive of one stored file that says its sizes and places as one of more than 4 GB would. */
function largeArchive(): Uint8Array {
  const [name, data] = [strToU8("a"), strToU8("large")];
  const none = 0xffffffff;
  const local = Buffer.concat([
    fields([4, 0x04034b50], [2, 45], [2, 0], [2, 0], [4, 0], [4, 0], [4, none], [4, none], [2, 1], [2, 0]),
    name,
    data,
  ]);
  const extra = fields([2, 9], [2, 1], [1, 0], [2, 1], [2, 24], [8, data.length], [8, data.length], [8, 0]);
  const sizes = [
    [4, none],
    [4, none],
    [2, 1],
    [2, extra.length],
    [2, 0],
    [2, 0],
    [2, 0],
    [4, 0],
    [4, none],
  ] as const;
  const directory = Buffer.concat([
    fields([4, 0x02014b50], [2, 45], [2, 45], [2, 0], [2, 0], [4, 0], [4, 0], ...sizes),
    name,
    extra,
  ]);
  const begin = local.length + directory.length;
  return Buffer.concat([
    local,
    directory,
    fields(
      [4, 0x06064b50],
      [8, 44],
      [2, 45],
      [2, 45],
      [4, 0],
      [4, 0],
      [8, 1],
      [8, 1],
      [8, directory.length],
      [8, local.length],
    ),
    fields([4, 0x07064b50], [4, 0], [8, begin], [4, 1]),
    fields([4, 0x06054b50], [2, 0xffff], [2, 0xffff], [2, 0xffff], [2, 0xffff], [4, none], [4, none], [2, 0]),
  ]);
}

describe("a zip archive", () => {
  it("has its files, stored or compressed, and a comment or none", () => {
    expect(isZip(memorySource(zipSync(files)))).toBe(true);
    expect(isZip(memorySource(strToU8("no archive, but long enough for one")))).toBe(false);
    expect(texts(zipSync(files, { level: 0 }))).toEqual(content);
    expect(texts(zipSync(files, { level: 9, comment: "a comment ".repeat(100) }))).toEqual(content);
    expect(texts(largeArchive())).toEqual({ a: "large" });
  });

  it("gives what was stored as a part of itself", () => {
    const archive = zipSync(files, { level: 0 });
    const { read, size } = readZip(memorySource(archive), "a.zip").get("a.txt")!();
    expect(read(0, size).buffer).toBe(archive.buffer);
  });

  it("is refused in words when it is not whole, or in a way of its own", () => {
    const archive = zipSync(files);
    const broken = new UserError("a.zip is not a whole zip file; copy or save it again.");
    for (const end of [10, archive.length - 25, archive.length - 1])
      expect(() => texts(archive.subarray(0, end))).toThrow(broken);
    const changed = (signature: string, field: number, value: number) => {
      const bytes = Buffer.from(archive);
      bytes.writeUInt16LE(value, bytes.indexOf(signature) + field);
      return () => texts(bytes);
    };
    expect(changed("PK\x01\x02", 8, 1)).toThrow(
      new UserError("a.zip holds a.txt encrypted; save it again without."),
    );
    expect(changed("PK\x01\x02", 10, 12)).toThrow(
      new UserError("a.zip holds a.txt compressed by method 12; save it again without."),
    );
    expect(changed("PK\x01\x02", 0, 0)).toThrow(broken);
    expect(changed("PK\x03\x04", 0, 0)).toThrow(broken);
    expect(changed("PK\x01\x02", 42, 60_000)).toThrow(broken);
    expect(changed("PK\x05\x06", 16, 60_000)).toThrow(broken);
  });
});
