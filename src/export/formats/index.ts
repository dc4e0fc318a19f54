import type { ExportFormat } from "../format.ts";
import { keras } from "./keras.ts";
import { onnx } from "./onnx.ts";
import { tfjs } from "./tfjs.ts";

/** Every format that networks are exported to; choices, documentation and tests follow from this list. */
export const exportFormats: readonly ExportFormat[] = [onnx, tfjs, keras];
