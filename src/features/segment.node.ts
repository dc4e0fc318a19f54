import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { count } from "../data/splits.ts";
import type { FeatureRecord } from "./store.ts";

/**
 * A file of features, little-endian. The header: "CVSFEATS", version (uint32), F (uint32), the key (32 bytes). Then records of one size:
 * the picture's hash (32 bytes, zeros behind a shorter one), its fingerprint (8 bytes), F float32, and the CRC-32 of all that.
 */
const MAGIC = "CVSFEATS";
/** Raise when the layout, or what a fingerprint is, changes. */
const VERSION = 1;
const HASH = 32;
const FINGERPRINT = 8;

/** Bytes that are read at once, if they hold a whole record. */
const CHUNK = 2 ** 24;

export interface SegmentFormat {
  /** What the features depend on besides the picture: 64 hexadecimal digits. */
  readonly key: string;
  /** F, numbers of each picture. */
  readonly size: number;
}

export function segmentHeader({ key, size }: SegmentFormat): Buffer {
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32LE(VERSION, 0);
  numbers.writeUInt32LE(size, 4);
  return Buffer.concat([Buffer.from(MAGIC), numbers, Buffer.from(key, "hex")]);
}

const recordLength = ({ size }: SegmentFormat): number => HASH + FINGERPRINT + 4 * size + 4;

export function segmentRecords(format: SegmentFormat, records: readonly FeatureRecord[]): Buffer {
  const length = recordLength(format);
  const bytes = Buffer.alloc(records.length * length);
  for (const [at, { hash, fingerprint, features }] of records.entries()) {
    const record = bytes.subarray(at * length, (at + 1) * length);
    record.write(hash, "hex");
    record.set(fingerprint, HASH);
    record.set(bytesOf(features), HASH + FINGERPRINT);
    record.writeUInt32LE(crc32(record.subarray(0, -4)), length - 4);
  }
  return bytes;
}

/**
 * Reads the records of some pictures.
 * @param found takes those of `hashes`, by hash
 * @returns what is wrong with the file, said of it; undefined if nothing is
 * @throws what the file system throws
 */
export async function readSegment(
  path: string,
  format: SegmentFormat,
  hashes: ReadonlySet<string>,
  found: Map<string, FeatureRecord>,
): Promise<string | undefined> {
  const wanted = new Map([...hashes].map((hash) => [hash.padEnd(2 * HASH, "0"), hash]));
  const header = segmentHeader(format);
  const length = recordLength(format);
  const file = await open(path, "r");
  try {
    const { size: total } = await file.stat();
    const head = Buffer.alloc(header.length);
    const { bytesRead: begun } = await file.read(head, 0, head.length, 0);
    if (begun < header.length) return begun > 0 ? "is cut short" : undefined;
    if (!head.equals(header)) return "is damaged or of another version";
    // Another process may have begun it just now.
    const records = Math.max(0, Math.floor((total - header.length) / length));
    const chunk = Buffer.alloc(length * Math.min(records, Math.max(1, Math.floor(CHUNK / length))));
    let damaged = 0;
    for (let at = 0; at < records * length; at += chunk.length) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, header.length + at);
      for (let start = 0; start + length <= bytesRead; start += length) {
        const record = chunk.subarray(start, start + length);
        if (crc32(record.subarray(0, -4)) !== record.readUInt32LE(length - 4)) damaged++;
        else {
          const hash = wanted.get(record.toString("hex", 0, HASH));
          if (hash !== undefined) found.set(hash, { hash, ...contentOf(record) });
        }
      }
    }
    if (damaged > 0) return `has ${count(damaged, "damaged record")}`;
    return (total - header.length) % length > 0 ? "is cut short" : undefined;
  } finally {
    await file.close();
  }
}

/** Copies of what a record holds: the memory around it is read into again. */
function contentOf(record: Buffer): Pick<FeatureRecord, "fingerprint" | "features"> {
  const numbers = HASH + FINGERPRINT;
  const features = new Float32Array((record.length - numbers - 4) / 4);
  bytesOf(features).set(record.subarray(numbers, -4));
  return { fingerprint: Uint8Array.from(record.subarray(HASH, numbers)), features };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
