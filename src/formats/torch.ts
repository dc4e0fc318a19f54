import { type ByteSource, memorySource, partOf } from "../base/byte-source.ts";
import { UserError } from "../base/errors.ts";
import { bytesPerElement, sizeOf } from "../base/tensor.ts";
import type { Initializer } from "../graph/graph.ts";
import { PickleError, type PickleWorld, unpickle } from "./pickle.ts";
import { isTorchTensor, Refusal, type TorchTensor, torchInitializer, torchWorld } from "./torch-tensors.ts";
import { isZip, readZip } from "./zip.ts";

/** First bytes of a file of PyTorch before 1.6: a pickle of the number 0x1950a86a20f9469cfc6c. */
const STREAM = [0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/** Whether a file begins as PyTorch's do: as a zip archive, or as versions before 1.6 wrote it. */
export function isTorch(file: ByteSource): boolean {
  const start = file.read(0, Math.min(file.size, STREAM.length));
  return isZip(file) || STREAM.every((byte, at) => start[at] === byte);
}

/**
 * Reads the state dict that `torch.save` wrote, or a checkpoint that holds one. Nothing in the file is run: of what its pickle may
 * call, only what builds dicts and tensors is known, and all else is refused by name. Weights stay in the file until their bytes
 * are asked for.
 * @param source what to call the file in errors
 * @returns its tensors by name
 * @throws UserError when it is cut short, or holds anything but tensors and plain values
 */
export function readTorch(file: Uint8Array | ByteSource, source: string): Map<string, Initializer> {
  const bytes = file instanceof Uint8Array ? memorySource(file) : file;
  try {
    const { value, memory } = isZip(bytes) ? readArchive(bytes, source) : readStream(bytes);
    const dict = stateDict(value);
    if (!dict) throw new Refusal("no state dict");
    checkSharing(dict, bytes.size);
    return new Map(
      [...dict].map(([name, tensor]) => [name, torchInitializer(name, tensor, memory(tensor.storage.key))]),
    );
  } catch (error) {
    if (error instanceof PickleError)
      throw new UserError(
        `${source} is not a whole file of PyTorch (${error.message}); copy or save it again.`,
      );
    if (error instanceof Refusal)
      throw new UserError(
        `${source} holds ${error.message}; save the network's tensors alone, with torch.save(model.state_dict(), …).`,
      );
    throw error;
  }
}

interface Content {
  readonly value: unknown;
  /** Bytes of a storage. */
  memory(key: string): ByteSource | undefined;
}

/** What `torch.save` writes since 1.6: a zip of a pickle, `…/data.pkl`, and a file for each storage, `…/data/0`. */
function readArchive(bytes: ByteSource, source: string): Content {
  const files = readZip(bytes, source);
  const pickle = [...files.keys()].find((name) => /(^|\/)data\.pkl$/.test(name));
  if (pickle === undefined)
    throw new UserError(`${source} is a zip archive, but not PyTorch's: there is no data.pkl in it.`);
  const folder = pickle.slice(0, -"data.pkl".length);
  const opened = new Map<string, ByteSource | undefined>();
  const open = (name: string): ByteSource | undefined => {
    // Once, since what is compressed is unpacked; storages may be shared.
    if (!opened.has(name)) opened.set(name, files.get(folder + name)?.());
    return opened.get(name);
  };
  const order = open("byteorder");
  if (order && new TextDecoder().decode(order.read(0, Math.min(order.size, 8))) !== "little")
    throw new Refusal("numbers of a big-endian machine");
  const { value } = unpickle(open("data.pkl")!, torchWorld);
  return { value, memory: (key) => open(`data/${key}`) };
}

/** What it wrote before: pickles of a number, a version, the system, the object and its storages' keys; then the storages. */
function readStream(bytes: ByteSource): Content {
  const steps = new Map<string, number>();
  const world: PickleWorld = {
    ...torchWorld,
    persistent(id) {
      const storage = torchWorld.persistent(id) as TorchTensor["storage"];
      steps.set(storage.key, bytesPerElement(storage.dtype));
      return storage;
    },
  };
  let at = 0;
  const [, version, system, value, keys] = Array.from({ length: 5 }, () => {
    const { value: next, end } = unpickle(bytes, world, at);
    at = end;
    return next;
  });
  if (version !== 1001 || !Array.isArray(keys)) throw new PickleError("it has another version");
  if (system instanceof Map && system.get("little_endian") === false)
    throw new Refusal("numbers of a big-endian machine");
  const storages = new Map<string, ByteSource>();
  for (const key of keys) {
    const step = steps.get(key);
    if (step === undefined || !(at + 8 <= bytes.size)) throw new PickleError("it ends too early");
    const head = bytes.read(at, 8);
    const length = step * Number(new DataView(head.buffer, head.byteOffset).getBigInt64(0, true));
    at += 8;
    if (!(length >= 0 && length <= bytes.size - at)) throw new PickleError("it ends too early");
    storages.set(key, partOf(bytes, at, length));
    at += length;
  }
  return { value, memory: (key) => storages.get(key) };
}

/** Under what names checkpoints keep the state dict of their network. */
const usual = ["state_dict", "model_state_dict", "model"];

/** The tensors by name in what was saved, or in what a checkpoint keeps under a usual name; undefined where there are none. */
function stateDict(value: unknown): Map<string, TorchTensor> | undefined {
  if (!(value instanceof Map)) return undefined;
  const dicts = [value, ...usual.map((name) => value.get(name))].filter((dict) => dict instanceof Map);
  return dicts.map(tensorsOf).find((tensors) => tensors.size > 0);
}

function tensorsOf(dict: ReadonlyMap<unknown, unknown>): Map<string, TorchTensor> {
  return new Map(
    [...dict].filter(
      (entry): entry is [string, TorchTensor] => typeof entry[0] === "string" && isTorchTensor(entry[1]),
    ),
  );
}

/** Weights may be shared by a few; a small file whose tensors take up the memory of many is made to fill it. */
function checkSharing(tensors: ReadonlyMap<string, TorchTensor>, length: number): void {
  let total = 0;
  for (const { storage, shape } of tensors.values()) total += sizeOf(shape) * bytesPerElement(storage.dtype);
  if (!(total <= 4 * length)) throw new Refusal("tensors that are larger than their file");
}
