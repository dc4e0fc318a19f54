/** What a file's first bytes say it is. */
export type PictureFormat = "JPEG" | "PNG" | "WebP" | "GIF" | "TIFF" | "AVIF" | "HEIC" | "BMP";

/** Bytes that `sniffFormat` looks at. */
export const signatureLength = 18;

/** Each format's marks: a text and where it stands. */
const signatures: readonly (readonly [PictureFormat, ...(readonly [at: number, text: string])[]])[] = [
  ["JPEG", [0, "\xff\xd8\xff"]],
  ["PNG", [0, "\x89PNG\r\n\x1a\n"]],
  ["WebP", [0, "RIFF"], [8, "WEBP"]],
  ["GIF", [0, "GIF87a"]],
  ["GIF", [0, "GIF89a"]],
  ["TIFF", [0, "II*\0"]],
  ["TIFF", [0, "MM\0*"]],
  ["AVIF", [4, "ftypavi"]],
  ["AVIF", [4, "ftypmif1"]],
  ["HEIC", [4, "ftyphei"]],
  ["HEIC", [4, "ftyphev"]],
  // Two letters alone would claim texts that begin with "BM"; the second header's size, a small number, follows.
  ["BMP", [0, "BM"], [15, "\0\0\0"]],
];

/** The picture format of `bytes`, whatever the file is called; undefined for anything else. */
export function sniffFormat(bytes: Uint8Array): PictureFormat | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, signatureLength));
  return signatures.find(([, ...marks]) => marks.every(([at, text]) => head.startsWith(text, at)))?.[0];
}
