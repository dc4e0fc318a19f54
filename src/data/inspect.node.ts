import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { UserError } from "../base/errors.ts";
import { checkPicture } from "./decode.node.ts";
import { fileError } from "./files.node.ts";
import { signatureLength, sniffFormat } from "./sniff.ts";

/** What a look at a file shows: the SHA-256 of its content, or why it is broken, one sentence. */
export type Finding = { readonly hash: string } | { readonly error: string };

/** Names that promise a picture: a file that has one and holds something else is broken. */
const pictureName = /\.(jpe?g|jfif|png|webp|gif|tiff?|avif|hei[cf]|bmp)$/i;

/** A file's hash, or why it is broken; undefined when neither content nor name claims to be a picture. */
export async function inspectFile(path: string): Promise<Finding | undefined> {
  try {
    const file = await open(path).catch((error) => {
      throw fileError(error, path);
    });
    try {
      const head = new Uint8Array(signatureLength);
      const { bytesRead } = await file.read(head, 0, signatureLength, 0);
      if (bytesRead === 0 || !sniffFormat(head)) {
        if (!pictureName.test(path)) return undefined;
        await checkPicture(head.subarray(0, bytesRead), path);
      }
      const bytes = await file.readFile();
      await checkPicture(bytes, path);
      return { hash: createHash("sha256").update(bytes).digest("hex") };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof UserError) return { error: error.message };
    throw error;
  }
}
