import type { Value } from "../../../../graph/graph.ts";
import * as op from "../../../../graph/operators/index.ts";
import { isFields, shown } from "../../settings.ts";
import type { LayerCall } from "../layers/layer.ts";

interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/**
 * `x[key]` in Python's words: numbers, which take their axis away, slices, and an ellipsis for all axes between.
 * @throws UserError when the key is another, or cuts the batch
 */
export function sliced(call: LayerCall, x: Value, key: unknown): Value {
  const { g, order, refuse } = call;
  const rank = x.shape!.length;
  const parts = [key].flat();
  const ellipsis = parts.findIndex((part) => isFields(part) && part.class_name === "__ellipsis__");
  const unfit = (): Error => refuse(`cuts by ${shown(key)}, which is not known here.`);
  const cuts: Cut[] = [];
  const gone: number[] = [];
  parts.forEach((part, at) => {
    if (at === ellipsis) return;
    const axis = ellipsis >= 0 && at > ellipsis ? rank - parts.length + at : at;
    if (axis < 0 || axis >= rank) throw unfit();
    const [start, stop, step] = boundsOf(part) ?? [];
    if (start === undefined || stop === undefined || step === undefined) throw unfit();
    if (start === null && stop === null && step === 1) return;
    if (axis === 0) throw unfit();
    if (!isFields(part)) gone.push(axis);
    const [first, last] = step > 0 ? [0, Number.MAX_SAFE_INTEGER] : [-1, Number.MIN_SAFE_INTEGER];
    cuts.push({ axis: order.axis(axis, rank), start: start ?? first, end: stop ?? last, step });
  });
  if (cuts.length === 0) return x;
  const cut = op.slice(
    g,
    x,
    cuts.map(({ axis }) => axis),
    cuts.map(({ start }) => start),
    cuts.map(({ end }) => end),
    cuts.map(({ step }) => step),
  );
  return gone.length > 0 ? order.hold(op.squeeze(g, order.keras(cut), gone)) : cut;
}

type Bound = number | null;

/** Start, end and step of a part of a key; undefined for what is none. */
function boundsOf(part: unknown): [start: Bound, stop: Bound, step: number] | undefined {
  if (Number.isSafeInteger(part)) {
    const at = part as number;
    return [at, at === -1 ? null : at + 1, 1];
  }
  if (!isFields(part)) return undefined;
  const {
    start = null,
    stop = null,
    step,
  } = part.class_name === "__slice__" && isFields(part.config) ? part.config : part;
  const bound = (value: unknown): value is Bound => value === null || Number.isSafeInteger(value);
  const stride = step ?? 1;
  if (!bound(start) || !bound(stop) || !Number.isSafeInteger(stride) || stride === 0) return undefined;
  return [start, stop, stride as number];
}
