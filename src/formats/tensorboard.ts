import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** Named numbers at one step. */
export interface ScalarEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  readonly scalars: Readonly<Record<string, number>>;
}

/**
 * Scalars as the bytes of a TensorBoard event file: TFRecords that hold an `Event` each (tensorflow/core/util/event.proto,
 * framework/summary.proto), the first of which says the version. TensorBoard opens it if its name holds `tfevents`.
 * @param wallTime when the record begins, in seconds since 1970
 */
export function writeEvents(wallTime: number, events: readonly ScalarEvent[]): Uint8Array {
  const records = [versionEvent(wallTime), ...events.map(scalarEvent)].map(frame);
  const file = new Uint8Array(records.reduce((sum, record) => sum + record.length, 0));
  let at = 0;
  for (const record of records) {
    file.set(record, at);
    at += record.length;
  }
  return file;
}

/** Field numbers of the messages. */
const eventFields = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 };
const summaryFields = { value: 1 };
const valueFields = { tag: 1, simpleValue: 2 };

function versionEvent(wallTime: number): Uint8Array {
  return new BinaryWriter()
    .tag(eventFields.wallTime, WireType.Bit64)
    .double(wallTime)
    .tag(eventFields.fileVersion, WireType.LengthDelimited)
    .string("brain.Event:2")
    .finish();
}

function scalarEvent({ wallTime, step, scalars }: ScalarEvent): Uint8Array {
  const w = new BinaryWriter();
  w.tag(eventFields.wallTime, WireType.Bit64).double(wallTime);
  w.tag(eventFields.step, WireType.Varint).int64(step);
  w.tag(eventFields.summary, WireType.LengthDelimited).fork();
  for (const [tag, value] of Object.entries(scalars)) {
    w.tag(summaryFields.value, WireType.LengthDelimited).fork();
    w.tag(valueFields.tag, WireType.LengthDelimited).string(tag);
    w.tag(valueFields.simpleValue, WireType.Bit32).float(value);
    w.join();
  }
  return w.join().finish();
}

/** A TFRecord (tensorflow/core/lib/io/record_writer.h): the length, its checksum, the data, theirs; little-endian. */
function frame(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(12 + data.length + 4);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return record;
}

/** Masked, for a checksum over data that holds checksums is a weak one. */
function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** The remainder of each byte by Castagnoli's polynomial (RFC 3720, appendix B.4), its lowest bit first. */
const remainders = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0x82f63b78 : 0);
  return remainder;
});

function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = remainders[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
