import type { UserError } from "../../base/errors.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** The settings of a layer, each checked when it is read. An absent one, or null, is the `otherwise` that is given. */
export interface Settings {
  /** As it stands. */
  of(name: string): unknown;
  flag(name: string, otherwise: boolean): boolean;
  /** @throws UserError unless it is a finite number */
  number(name: string, otherwise?: number): number;
  /** @throws UserError unless it is a whole number from `least` on, 1 unless given */
  whole(name: string, otherwise?: number, least?: number): number;
  /** `count` whole numbers; one stands for all. */
  wholes(name: string, count: number, otherwise?: number, least?: number): number[];
  /** @throws UserError unless it is one of `choices` */
  choice<T extends string>(name: string, choices: readonly T[], otherwise: T): T;
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** @param refuse names the layer */
export function settingsOf(config: unknown, refuse: (why: string) => UserError): Settings {
  const fields = isFields(config) ? config : {};
  const has = (name: string): boolean => Object.hasOwn(fields, name) && fields[name] !== null;
  const unfit = (name: string, wanted: string): UserError =>
    refuse(`has ${name} ${shown(fields[name])}; ${wanted} is needed.`);
  const settings: Settings = {
    of: (name) => (has(name) ? fields[name] : undefined),
    flag: (name, otherwise) => (has(name) ? Boolean(fields[name]) : otherwise),
    number(name, otherwise) {
      const value = has(name) ? plain(fields[name]) : otherwise;
      if (typeof value !== "number" || !Number.isFinite(value)) throw unfit(name, "a number");
      return value;
    },
    whole(name, otherwise, least = 1) {
      const value = settings.number(name, otherwise);
      if (!Number.isSafeInteger(value) || value < least) throw unfit(name, `a whole number from ${least} on`);
      return value;
    },
    wholes(name, count, otherwise, least = 1) {
      const value = has(name) ? plain(fields[name]) : otherwise;
      const values = Array.isArray(value) ? value : new Array<unknown>(count).fill(value);
      if (values.length !== count || !values.every((one) => Number.isSafeInteger(one) && one >= least))
        throw unfit(name, `${count === 1 ? "a whole number" : `${count} whole numbers`} from ${least} on`);
      return values;
    },
    choice(name, choices, otherwise) {
      const value = has(name) ? fields[name] : otherwise;
      const chosen = choices.find((choice) => choice === value);
      if (chosen === undefined) throw unfit(name, choices.join(" or "));
      return chosen;
    },
  };
  return settings;
}

/** A number or list that was saved with its type, as `{ "value": 6, … }` or `{ "config": { "value": 6, … } }`. */
export function plain(value: unknown): unknown {
  if (!isFields(value)) return value;
  return isFields(value.config) ? value.config.value : value.value;
}

/** A value of the file for a message, cut where it is long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "that is absent";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
