import { homedir } from "node:os";
import { join } from "node:path";
import type { PublishedWeights } from "../architecture.ts";

/** Where weights and features are kept: `CONVSCOPE_CACHE`, or where the system keeps what can be had again. */
export function cacheFolder(): string {
  const { CONVSCOPE_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (CONVSCOPE_CACHE) return CONVSCOPE_CACHE;
  if (process.platform === "darwin") return join(homedir(), "Library/Caches/convscope");
  if (process.platform === "win32" && LOCALAPPDATA) return join(LOCALAPPDATA, "convscope/cache");
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "convscope");
}

/** Where the file of published weights is, or will be. */
export const cachedPath = ({ file }: PublishedWeights): string => join(cacheFolder(), file);
