import { describe, expect, test } from "vitest";
import { writeEvents } from "../../src/formats/tensorboard.ts";
import { crc32c, readEvents } from "./tensorboard-file.ts";

test("the checksum that files are held against is CRC32C", () => {
  // RFC 3720, appendix B.4, and the check value of every catalogue.
  expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
});

describe("an event file", () => {
  const start = 1_800_000_000.25;
  const events = [
    { wallTime: start + 1.5, step: 1, scalars: { "loss/train": 0.75, "accuracy/validation": 1 } },
    { wallTime: start + 200, step: 300, scalars: { "loss/train": -1e30, "loss/ß": 0 } },
  ];

  test("begins with its version, and gives back every number in its order", () => {
    expect(readEvents(writeEvents(start, events))).toEqual([
      { wallTime: start, fileVersion: "brain.Event:2", scalars: {} },
      events[0],
      { ...events[1], scalars: { "loss/train": Math.fround(-1e30), "loss/ß": 0 } },
    ]);
  });

  test("of nothing yet begins as every event file does", () => {
    const head = [24, 0, 0, 0, 0, 0, 0, 0, 0xa3, 0x7f, 0x4b, 0x22, 9];
    expect([...writeEvents(start, []).subarray(0, 13)]).toEqual(head);
    expect(readEvents(writeEvents(start, []))).toHaveLength(1);
  });

  test("grows at its end only, so that what TensorBoard has read stays where it was", () => {
    const [short, long] = [writeEvents(start, events.slice(0, 1)), writeEvents(start, events)];
    expect(long.subarray(0, short.length)).toEqual(short);
  });
});
