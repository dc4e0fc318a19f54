import { randomUUID } from "node:crypto";
import { mkdir, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { listNames } from "../base/errors.ts";
import { reasonOf } from "../base/write.node.ts";
import { cacheFolder } from "../model/weights/cache.node.ts";
import { readSegment, type SegmentFormat, segmentHeader, segmentRecords } from "./segment.node.ts";
import type { FeatureRecord, FeatureStore } from "./store.ts";

const EXTENSION = ".features";

export interface FeatureStoreOptions extends SegmentFormat {
  /** The folder that `features/KEY` is in; the system's for what can be had again, or `CONVSCOPE_CACHE`, unless given. */
  readonly folder?: string;
}

/**
 * Features in files, `features/KEY/*.features`. Every store appends to a file of its own and reads those of all, so that several runs
 * may keep the same features at once. A record counts if its checksum is right: one that was cut off or damaged is as good as none.
 * Where the disk takes or gives nothing, a remark says so, once, and nothing is kept from there on.
 */
export function openFeatureStore({ folder = cacheFolder(), ...format }: FeatureStoreOptions): FeatureStore {
  const place = join(folder, "features", format.key);
  const own = join(place, `${randomUUID()}${EXTENSION}`);
  const remarks: string[] = [];
  let refused = false;
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    if (refused) return;
    await work().catch((error) => {
      if (!isSystemError(error)) throw error;
      refused = true;
      remarks.push(`Features are not kept in ${place}: ${reasonOf(error)}.`);
    });
  };
  return {
    remarks,
    async load(hashes) {
      const found = new Map<string, FeatureRecord>();
      const flaws: string[] = [];
      await attempt(async () => {
        for (const name of await segmentsIn(place)) {
          const flaw = await readSegment(join(place, name), format, hashes, found).catch((error) => {
            if (!isSystemError(error)) throw error;
            return `cannot be read (${error.code})`;
          });
          if (flaw) flaws.push(`${name} ${flaw}`);
        }
      });
      // What others hold as well is no loss.
      if (flaws.length > 0 && found.size < hashes.size)
        remarks.push(`Of the features in ${place}, ${listNames(flaws)}; what is missing is computed again.`);
      return found;
    },
    add: (records) =>
      attempt(async () => {
        await mkdir(place, { recursive: true });
        await append(own, segmentHeader(format), segmentRecords(format, records));
      }),
  };
}

async function segmentsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return entries.filter((entry) => entry.isFile() && entry.name.endsWith(EXTENSION)).map(({ name }) => name);
}

/** Appends all of the bytes or none; a file that is new begins with the header. */
async function append(path: string, header: Uint8Array, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "a");
  try {
    const { size } = await file.stat();
    await file.appendFile(size === 0 ? Buffer.concat([header, bytes]) : bytes).catch(async (error) => {
      await file.truncate(size).catch(() => {});
      throw error;
    });
  } finally {
    await file.close();
  }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && "syscall" in error;
