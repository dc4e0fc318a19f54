import type { ExportFormat } from "../format.ts";
import { onnx } from "./onnx.ts";

/** Every format that networks are exported to; choices, documentation and tests follow from this list. */
export const exportFormats: readonly ExportFormat[] = [onnx];
