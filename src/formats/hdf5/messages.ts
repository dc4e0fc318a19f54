import { type Cursor, cursor } from "./cursor.ts";
import { Damage, Unsupported } from "./errors.ts";
import type { File } from "./file.ts";

/** Kinds of messages in an object's header, by their number. */
export const kinds = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  fillValue: 0x05,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  groupInfo: 0x0a,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

interface Message {
  readonly kind: number;
  readonly bytes: Uint8Array;
  readonly shared: boolean;
}

/** What an object's header says of it. */
export interface Messages {
  has(kind: number): boolean;
  /** The first message of a kind. */
  first(kind: number): Cursor | undefined;
  all(kind: number): Cursor[];
}

const SHARED = 2;

/** The messages of the object whose header is at `address`, of version 1 or 2, in all its blocks. */
export function readMessages(file: File, address: number): Messages {
  const start = file.at(address, 1).uint(1) === 1 ? firstVersion : secondVersion;
  const { first, block } = start(file, address);
  const messages: Message[] = [];
  const blocks = [first];
  for (let c = blocks.pop(); c; c = blocks.pop())
    for (const message of block(c)) {
      messages.push(message);
      if (message.kind !== kinds.continuation) continue;
      const to = cursor(message.bytes, file.widths);
      const next = to.address();
      if (next === undefined) throw new Damage("a header that goes on nowhere");
      blocks.push(file.at(next, to.length()));
    }
  const open = ({ bytes, shared }: Message): Cursor => {
    if (shared) throw new Unsupported("a description shared between objects");
    return cursor(bytes, file.widths);
  };
  return {
    has: (kind) => messages.some((message) => message.kind === kind),
    first(kind) {
      const found = messages.find((message) => message.kind === kind);
      return found && open(found);
    },
    all: (kind) => messages.filter((message) => message.kind === kind).map(open),
  };
}

interface Header {
  /** Its first block. */
  readonly first: Cursor;
  /** The messages of a block. */
  readonly block: (c: Cursor) => Generator<Message>;
}

function firstVersion(file: File, address: number): Header {
  const c = file.at(address, 16);
  c.expect(1);
  c.skip(7);
  return { first: file.at(address + 16, c.uint(4)), block: messagesOfFirst };
}

function* messagesOfFirst(c: Cursor): Generator<Message> {
  while (c.left() >= 8) {
    const [kind, size, flags] = [c.uint(2), c.uint(2), c.uint(1)];
    c.skip(3);
    yield { kind, bytes: c.bytes(size), shared: (flags & SHARED) !== 0 };
  }
}

/** What a flag in a header of version 2 says of it. */
const flag = { order: 4, phases: 0x10, times: 0x20 };

function secondVersion(file: File, address: number): Header {
  const prefix = file.at(address, 6);
  prefix.expect("OHDR");
  prefix.expect(2);
  const flags = prefix.uint(1);
  const width = 1 << (flags & 3);
  const optional = (flags & flag.times ? 16 : 0) + (flags & flag.phases ? 4 : 0);
  const size = file.at(address + 6 + optional, width).uint(width);
  const order = flags & flag.order ? 2 : 0;
  let begun = false;
  return {
    first: file.at(address + 6 + optional + width, size + CHECKSUM),
    *block(c) {
      if (begun) c.expect("OCHK");
      begun = true;
      // Fewer bytes than a message takes are a gap.
      while (c.left() >= 4 + order + CHECKSUM) {
        const [kind, length, messageFlags] = [c.uint(1), c.uint(2), c.uint(1)];
        c.skip(order);
        yield { kind, bytes: c.bytes(length), shared: (messageFlags & SHARED) !== 0 };
      }
    },
  };
}

const CHECKSUM = 4;
