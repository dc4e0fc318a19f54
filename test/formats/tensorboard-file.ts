/** An event as it stands in a file. */
export interface ReadEvent {
  wallTime?: number;
  step?: number;
  fileVersion?: string;
  scalars: Record<string, number>;
}

/** CRC32C, bit by bit. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n;
  }
  return Number(crc ^ 0xffffffffn);
}

function masked(bytes: Uint8Array): number {
  const crc = BigInt(crc32c(bytes));
  return Number((((crc / 2n ** 15n + (crc % 2n ** 15n) * 2n ** 17n) % 2n ** 32n) + 0xa282ead8n) % 2n ** 32n);
}

/** The events of a TensorBoard file. Throws where a checksum is wrong, or a field is none that scalars have. */
export function readEvents(file: Uint8Array): ReadEvent[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const events: ReadEvent[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(view.getBigUint64(at, true));
    const data = file.subarray(at + 12, at + 12 + length);
    const sums = [view.getUint32(at + 8, true), view.getUint32(at + 12 + length, true)];
    if (sums[0] !== masked(file.subarray(at, at + 8)) || sums[1] !== masked(data))
      throw new Error(`wrong checksum at ${at}`);
    events.push(readEvent(data));
    at += 16 + length;
  }
  return events;
}

function readEvent(bytes: Uint8Array): ReadEvent {
  const event: ReadEvent = { scalars: {} };
  for (const { key, value } of fields(bytes))
    if (key === "1:1") event.wallTime = view(value).getFloat64(0, true);
    else if (key === "2:0") event.step = varint(value, 0)[0];
    else if (key === "3:2") event.fileVersion = text(value);
    else if (key === "5:2")
      for (const scalar of fields(value)) {
        const [tag, number, ...others] = fields(scalar.value);
        if (scalar.key !== "1:2" || tag?.key !== "1:2" || number?.key !== "2:5" || others.length > 0)
          throw new Error("not a scalar");
        event.scalars[text(tag.value)] = view(number.value).getFloat32(0, true);
      }
    else throw new Error(`unknown field ${key}`);
  return event;
}

/** The fields of a protobuf message, each by number and wire type. */
function fields(bytes: Uint8Array): { key: string; value: Uint8Array }[] {
  const found: { key: string; value: Uint8Array }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [tag, start] = varint(bytes, at);
    const type = tag % 8;
    let [from, to] = [start, start];
    if (type === 0) to = varint(bytes, start)[1];
    else if (type === 1) to = start + 8;
    else if (type === 5) to = start + 4;
    else {
      const [length, next] = varint(bytes, start);
      [from, to] = [next, next + length];
    }
    found.push({ key: `${Math.floor(tag / 8)}:${type}`, value: bytes.subarray(from, to) });
    at = to;
  }
  return found;
}

function varint(bytes: Uint8Array, at: number): [value: number, next: number] {
  const byte = bytes[at]!;
  if (byte < 128) return [byte, at + 1];
  const [rest, next] = varint(bytes, at + 1);
  return [(byte % 128) + 128 * rest, next];
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
