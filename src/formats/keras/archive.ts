import type { ByteSource } from "../../base/byte-source.ts";
import { listNames, UserError } from "../../base/errors.ts";
import { openHdf5 } from "../hdf5/hdf5.ts";
import { readZip } from "../zip.ts";
import { checkpointWeights } from "./checkpoint.ts";
import { kerasObject, parseJson } from "./config.ts";
import type { SavedKerasModel } from "./saved-model.ts";
import { isFields } from "./settings.ts";

/**
 * The model in a `.keras` archive of Keras 2.12 or later: `config.json`, `metadata.json` and `model.weights.h5`, or the latter in parts.
 * Weights that Keras wrote are not read before they are asked for; only an archive that was compressed again is unpacked.
 * @throws UserError when it is another archive, or damaged
 */
export function readKerasArchive(archive: ByteSource, source: string): SavedKerasModel {
  const files = readZip(archive, source);
  const json = (name: string): unknown => {
    const content = files.get(name)?.();
    return content && parseJson(new TextDecoder().decode(content.read(0, content.size)), source, name);
  };
  const config = json("config.json");
  const parts = [...files].filter(([name]) => /^model(_\d+)?\.weights\.h5$/.test(name));
  if (config === undefined || parts.length === 0)
    throw new UserError(
      `${source} is a zip archive, but not a model of Keras's with weights in HDF5: it holds ${listNames([...files.keys()], 5) || "nothing"}.`,
    );
  const model = kerasObject(config, source);
  const metadata = json("metadata.json");
  const { keras_version: version } = isFields(metadata) ? metadata : {};
  const roots = parts.map(([name, open]) => openHdf5(open(), `${source} (${name})`));
  return {
    model,
    ...(typeof version === "string" ? { version } : {}),
    weights: checkpointWeights(roots, model, source),
  };
}
