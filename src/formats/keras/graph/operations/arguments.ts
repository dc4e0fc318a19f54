import { float32, scalar, sizeOf } from "../../../../base/tensor.ts";
import type { Value } from "../../../../graph/graph.ts";
import * as op from "../../../../graph/operators/index.ts";
import { plain, shown } from "../../settings.ts";
import type { Argument, LayerCall } from "../layers/layer.ts";

/** The first tensor that an operation is called with. */
export function tensorOf({ inputs, refuse }: LayerCall): Value {
  const [x] = inputs;
  if (!x) throw refuse("is called with no tensor.");
  return x;
}

/** What an operation is called with at a place, or by one of its names. */
export function argumentOf(
  { args, kwargs }: LayerCall,
  at: number,
  ...names: string[]
): Argument | undefined {
  return args[at] ?? names.map((name) => kwargs[name]).find((argument) => argument !== undefined);
}

/** What stands in the file for an argument; a setting where the call does not say it at that place. */
export function constantOf(call: LayerCall, at: number, name: string): unknown {
  const argument = argumentOf(call, at, name);
  if (!argument) return call.settings.of(name);
  const value = (part: Argument): unknown => {
    if (part.kind === "list") return part.items.map(value);
    if (part.kind === "tensor")
      throw call.refuse(`takes its ${name} from a tensor, which is not known here.`);
    return part.value;
  };
  return value(argument);
}

/**
 * A tensor, or numbers of the file as one with `rank` axes, in the model's order.
 * @throws UserError when it is neither
 */
export function operandOf(call: LayerCall, argument: Argument | undefined, rank: number): Value {
  const { g, order, refuse } = call;
  if (argument?.kind === "tensor") return leveled(call, argument.value, rank);
  const shape: number[] = [];
  const value = argument && savedValue(argument);
  let part = value;
  for (; Array.isArray(part); part = part[0]) shape.push(part.length);
  const numbers = [value].flat(Number.POSITIVE_INFINITY);
  if (numbers.length !== sizeOf(shape) || !numbers.every((value) => typeof value === "number"))
    throw refuse(`is called with ${shown(numbers)} where a tensor or numbers are needed.`);
  if (shape.length === 0) return g.constant(scalar(numbers[0]!));
  const ones = new Array<number>(Math.max(0, rank - shape.length)).fill(1);
  return order.hold(g.constant(float32([...ones, ...shape], numbers)));
}

const savedValue = (argument: Argument): unknown =>
  argument.kind === "list"
    ? argument.items.map(savedValue)
    : argument.kind === "constant"
      ? plain(argument.value)
      : null;

/** The tensor with axes of 1 in front until there are `rank`, as NumPy broadcasts. */
function leveled({ g, order }: LayerCall, x: Value, rank: number): Value {
  const missing = rank - x.shape!.length;
  if (missing <= 0) return x;
  return order.hold(
    op.unsqueeze(
      g,
      order.keras(x),
      Array.from({ length: missing }, (_, at) => at),
    ),
  );
}
