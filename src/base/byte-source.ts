/** Bytes that are read in parts: a file, or what stands for one. */
export interface ByteSource {
  /** Number of bytes in it. */
  readonly size: number;
  /** The bytes from `offset` on; both numbers lie within the size. */
  read(offset: number, length: number): Uint8Array;
  /** The file behind it, if there is one. */
  readonly path?: string;
}

/** Bytes in memory as what is read in parts; the parts are views. */
export const memorySource = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
});
