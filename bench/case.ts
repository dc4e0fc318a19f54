import type { Row } from "./timing.ts";

export interface BenchOptions {
  /** Runs that count. */
  readonly repeat: number;
  /** Folder of real photos with train/ and validation/; cases that need it are skipped without it. */
  readonly photos: string | undefined;
  readonly report: (row: Row) => void;
}

/** Something measured by name. */
export interface BenchCase {
  readonly name: string;
  readonly summary: string;
  /** Whether it needs real photos. */
  readonly photos?: boolean;
  run(options: BenchOptions): Promise<void>;
}
