/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A picture as people and files have it: rows of RGB pixels, `[H, W, 3]`, uint8. */
export interface Picture extends Size {
  /** `height * width * 3` bytes. */
  readonly data: Uint8Array;
  /** Whether it was brought to a network's size already, and must not be cropped again. */
  readonly framed?: boolean;
}

export function picture(width: number, height: number, data?: Uint8Array): Picture {
  const length = width * height * 3;
  if (data && data.length !== length)
    throw new RangeError(`a ${width}×${height} picture has ${length} bytes, not ${data.length}`);
  return { width, height, data: data ?? new Uint8Array(length) };
}
