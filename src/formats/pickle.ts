import type { ByteSource } from "../base/byte-source.ts";

/**
 * A reader of Python's pickles that runs nothing: it knows the instructions that build numbers, texts, lists, tuples and dicts, and
 * asks for all else, by name, whoever called it. Lists and tuples become arrays, dicts become Maps.
 */
export interface PickleWorld {
  /** What stands for a class or function of Python; throws where none may. */
  global(module: string, name: string): Callable;
  /** What an object that is kept outside the pickle is, by its id. */
  persistent(id: unknown): unknown;
}

/** Stands for a class or function. */
export interface Callable {
  readonly name: string;
  call(args: readonly unknown[]): unknown;
}

/** A pickle without an end, or with an instruction that we do not follow. */
export class PickleError extends Error {}

interface Machine {
  readonly world: PickleWorld;
  readonly memo: Map<number, unknown>;
  stack: unknown[];
  /** Stacks that were begun before the last MARKs. */
  readonly marks: unknown[][];
  read(count: number): DataView;
  line(): string;
  /** Counts items that are looked at again, of which there may be no more than the file has bytes. */
  spend(items: number): void;
}

/**
 * The object that the pickle at `start` describes, and where the pickle ends.
 * @throws PickleError when it is cut short or wrong, or holds an instruction that we do not know
 */
export function unpickle(
  source: ByteSource,
  world: PickleWorld,
  start = 0,
): { readonly value: unknown; readonly end: number } {
  const { take, line, position } = bytesFrom(source, start);
  let left = source.size;
  const machine: Machine = {
    world,
    memo: new Map(),
    stack: [],
    marks: [],
    read: take,
    line,
    spend(items) {
      left -= items;
      if (left < 0) throw new PickleError("it uses the same parts again and again");
    },
  };
  for (;;) {
    const code = uint8(machine);
    if (code === STOP) return { value: pop(machine), end: position() };
    const step = instructions[code];
    if (!step) throw new PickleError(`it holds the instruction 0x${code.toString(16).padStart(2, "0")}`);
    step(machine);
  }
}

/** Bytes that are read ahead. */
const AHEAD = 2 ** 16;

/** The bytes from `start` on, one after the other. */
function bytesFrom(source: ByteSource, start: number) {
  let at = start;
  let held: { begin: number; bytes: Uint8Array } = { begin: start, bytes: new Uint8Array(0) };
  const take = (count: number): DataView => {
    if (!(count <= source.size - at)) throw new PickleError("it ends too early");
    if (at + count > held.begin + held.bytes.length)
      held = { begin: at, bytes: source.read(at, Math.min(Math.max(count, AHEAD), source.size - at)) };
    const { buffer, byteOffset } = held.bytes;
    const view = new DataView(buffer, byteOffset + at - held.begin, count);
    at += count;
    return view;
  };
  const line = (): string => {
    const codes: number[] = [];
    for (let code = take(1).getUint8(0); code !== NEWLINE; code = take(1).getUint8(0)) {
      if (codes.length === LONGEST) throw new PickleError("a name in it does not end");
      codes.push(code);
    }
    return new TextDecoder("latin1").decode(Uint8Array.from(codes));
  };
  return { take, line, position: () => at };
}

const NEWLINE = 0x0a;
/** Characters in the name of a class or function. */
const LONGEST = 1024;
const STOP = 0x2e;

const utf8 = (bytes: DataView): string => new TextDecoder().decode(bytes);

/** Texts of Python 2, of which names of weights are ASCII. */
const latin1 = (bytes: DataView): string => new TextDecoder("latin1").decode(bytes);

function pop(machine: Machine): unknown {
  if (machine.stack.length === 0) throw new PickleError("it takes more than there is");
  return machine.stack.pop();
}

function top(machine: Machine): unknown {
  if (machine.stack.length === 0) throw new PickleError("it takes more than there is");
  return machine.stack.at(-1);
}

/** What was pushed since the last MARK. */
function popToMark(machine: Machine): unknown[] {
  const before = machine.marks.pop();
  if (!before) throw new PickleError("it takes more than there is");
  const items = machine.stack;
  machine.stack = before;
  return items;
}

type Instruction = (machine: Machine) => void;

const push =
  (make: (machine: Machine) => unknown): Instruction =>
  (machine) => {
    // Made first: it may change which stack is on top.
    const value = make(machine);
    machine.stack.push(value);
  };

const text = (length: (machine: Machine) => number, decode: (bytes: DataView) => string): Instruction =>
  push((machine) => decode(machine.read(length(machine))));

const uint8 = (machine: Machine): number => machine.read(1).getUint8(0);
const uint16 = (machine: Machine): number => machine.read(2).getUint16(0, true);
const int32 = (machine: Machine): number => machine.read(4).getInt32(0, true);
const uint32 = (machine: Machine): number => machine.read(4).getUint32(0, true);

const tuple = (count: number): Instruction =>
  push((machine) => Array.from({ length: count }, () => pop(machine)).reverse());

function remember(machine: Machine, key: number): void {
  machine.memo.set(key, top(machine));
}

function recall(machine: Machine, key: number): unknown {
  if (!machine.memo.has(key)) throw new PickleError("it recalls what it never made");
  return machine.memo.get(key);
}

function append(machine: Machine, items: readonly unknown[]): void {
  const list = top(machine);
  if (!Array.isArray(list)) throw new PickleError("it appends to what is no list");
  for (const item of items) list.push(item);
}

function setItems(machine: Machine, items: readonly unknown[]): void {
  const dict = top(machine);
  if (!(dict instanceof Map) || items.length % 2 !== 0) throw new PickleError("it fills what is no dict");
  for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
}

function call(machine: Machine): unknown {
  const args = pop(machine);
  const target = pop(machine);
  if (!Array.isArray(args) || !isCallable(target)) throw new PickleError("it calls what is no function");
  for (const arg of args) if (Array.isArray(arg)) machine.spend(arg.length);
  return target.call(args);
}

const isCallable = (value: unknown): value is Callable =>
  typeof value === "object" && value !== null && "call" in value;

/** A whole number of any size, little-endian in two's complement; what no double can hold stays a bigint. */
function long(bytes: DataView): number | bigint {
  let value = 0n;
  for (let i = bytes.byteLength - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes.getUint8(i));
  const signed = BigInt.asIntN(8 * bytes.byteLength, value);
  return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
}

/** By their codes, with the names that Python's `pickletools` gives them. */
const instructions: Readonly<Record<number, Instruction>> = {
  // PROTO
  128: (machine) => {
    machine.read(1);
  },
  // FRAME
  149: (machine) => {
    machine.read(8);
  },
  // MARK
  40: (machine) => {
    machine.marks.push(machine.stack);
    machine.stack = [];
  },
  // NONE, NEWTRUE, NEWFALSE
  78: push(() => null),
  136: push(() => true),
  137: push(() => false),
  // BININT1, BININT2, BININT, LONG1, BINFLOAT
  75: push(uint8),
  77: push(uint16),
  74: push(int32),
  138: push((machine) => long(machine.read(uint8(machine)))),
  71: push((machine) => machine.read(8).getFloat64(0)),
  // BINUNICODE, SHORT_BINUNICODE, BINSTRING, SHORT_BINSTRING
  88: text(uint32, utf8),
  140: text(uint8, utf8),
  84: text(uint32, latin1),
  85: text(uint8, latin1),
  // EMPTY_LIST, APPEND, APPENDS
  93: push(() => []),
  97: (machine) => {
    const item = pop(machine);
    append(machine, [item]);
  },
  101: (machine) => {
    const items = popToMark(machine);
    append(machine, items);
  },
  // EMPTY_TUPLE, TUPLE1, TUPLE2, TUPLE3, TUPLE
  41: tuple(0),
  133: tuple(1),
  134: tuple(2),
  135: tuple(3),
  116: push(popToMark),
  // EMPTY_DICT, SETITEM, SETITEMS
  125: push(() => new Map()),
  115: (machine) => {
    const value = pop(machine);
    const key = pop(machine);
    setItems(machine, [key, value]);
  },
  117: (machine) => {
    const items = popToMark(machine);
    setItems(machine, items);
  },
  // BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET
  113: (machine) => remember(machine, uint8(machine)),
  114: (machine) => remember(machine, uint32(machine)),
  148: (machine) => remember(machine, machine.memo.size),
  104: push((machine) => recall(machine, uint8(machine))),
  106: push((machine) => recall(machine, uint32(machine))),
  // GLOBAL, STACK_GLOBAL
  99: push((machine) => {
    const module = machine.line();
    return machine.world.global(module, machine.line());
  }),
  147: push((machine) => {
    const [name, module] = [pop(machine), pop(machine)];
    if (typeof module !== "string" || typeof name !== "string") throw new PickleError("it names nothing");
    return machine.world.global(module, name);
  }),
  // REDUCE, NEWOBJ
  82: push(call),
  129: push(call),
  // BUILD: what objects remember beside their content, such as a state dict's versions
  98: (machine) => {
    pop(machine);
    top(machine);
  },
  // BINPERSID
  81: push((machine) => machine.world.persistent(pop(machine))),
};
