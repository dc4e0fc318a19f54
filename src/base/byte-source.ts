/** Bytes that are read in parts: a file, or what stands for one. */
export interface ByteSource {
  /** Number of bytes in it. */
  readonly size: number;
  /** The bytes from `offset` on; both numbers lie within the size. */
  read(offset: number, length: number): Uint8Array;
  /** The file that holds it as it is, if one does, and where it begins there. */
  readonly file?: { readonly path: string; readonly offset: number };
}

/** Bytes in memory as what is read in parts; the parts are views. */
export const memorySource = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
});

/** Sources one after the other as one. */
export function joinedSource(sources: readonly ByteSource[]): ByteSource {
  return {
    size: sources.reduce((sum, { size }) => sum + size, 0),
    read(offset, length) {
      const whole = new Uint8Array(length);
      let begin = 0;
      for (const source of sources) {
        const [from, to] = [Math.max(offset, begin), Math.min(offset + length, begin + source.size)];
        if (from < to) whole.set(source.read(from - begin, to - from), from - offset);
        begin += source.size;
      }
      return whole;
    },
  };
}

/** A part of a source as one. */
export const partOf = ({ read, file }: ByteSource, begin: number, size: number): ByteSource => ({
  size,
  read: (offset, length) => read(begin + offset, length),
  ...(file ? { file: { path: file.path, offset: file.offset + begin } } : {}),
});
