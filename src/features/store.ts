/** What is kept of one picture. */
export interface FeatureRecord {
  /** As `Sample.hash`. */
  readonly hash: string;
  /** `[F]`. */
  readonly features: Float32Array;
  /** 8 bytes, so that pictures that are nearly the same are found without decoding them. */
  readonly fingerprint: Uint8Array;
}

/** Where features are kept from one run to the next. What it loses is computed again. */
export interface FeatureStore {
  /** What it has of the pictures with these hashes, by hash. */
  load(hashes: ReadonlySet<string>): Promise<Map<string, FeatureRecord>>;
  /** Keeps them if it can; one call after the other. */
  add(records: readonly FeatureRecord[]): Promise<void>;
  /** What could not be kept or read, for people; one sentence each. */
  readonly remarks: readonly string[];
}

/** A store that lasts as long as the process or page. */
export function memoryFeatureStore(): FeatureStore {
  const kept = new Map<string, FeatureRecord>();
  return {
    load: async (hashes) => new Map([...kept].filter(([hash]) => hashes.has(hash))),
    add: async (records) => {
      for (const record of records) kept.set(record.hash, record);
    },
    remarks: [],
  };
}
