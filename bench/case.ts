import type { Row } from "./timing.ts";

export interface BenchOptions {
  /** Runs that count. */
  readonly repeat: number;
  /** Folder of real photos with train/ and validation/. */
  readonly photos: string | undefined;
  /** Folder of reference networks, trained networks and photos. */
  readonly shared: string | undefined;
  /** Folder of architectures that `npm run coverage` exported. */
  readonly networks: string | undefined;
  readonly report: (row: Row) => void;
}

/** Something measured by name. */
export interface BenchCase {
  readonly name: string;
  readonly summary: string;
  /** What it is skipped without. */
  readonly needs?: "photos" | "shared" | "networks";
  run(options: BenchOptions): Promise<void>;
}
