import type { Tensors } from "../engine/engine.ts";
import type { Value } from "../graph/graph.ts";
import type { Model, Network } from "../model/model.ts";
import type { Image } from "../model/preprocessing.ts";

export interface FormatOptions {
  /** The preprocessing becomes part of what is written, which then takes 8-bit levels; else it takes what the network takes. */
  readonly withPreprocessing?: boolean;
}

/** A network as other hosts take it. */
export interface Exported {
  /** Contents by name: of one file, or of all that a folder holds. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** What a host feeds, and what it gets. */
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

/** A format of files that other hosts read. */
export interface ExportFormat {
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  readonly makes: "file" | "folder";
  /** @throws UserError that names the layer or node which the format cannot hold, and the mend */
  write(network: Network, options: FormatOptions): Exported;
  /**
   * What the files give for an image when they are opened anew, by the names of those of the network's outputs that they have.
   * @param model the one that they were written from
   */
  run(exported: Exported, image: Image, model: Model): Promise<Tensors>;
}
