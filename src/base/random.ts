/**
 * The one source of randomness: a small counter-free generator (sfc32) seeded by hashing a seed and a path of
 * names, so that every use has its own stream and any of them can be drawn again without replaying the others:
 * `random(7, "dropout", epoch, step)` is the same after a resume as it was before.
 */
export interface Random {
  /** Uniform in [0, 1), 32 random bits. */
  next(): number;
  /** Uniform in [low, high). */
  uniform(low: number, high: number): number;
  /** Integer in [0, bound). */
  below(bound: number): number;
  /** Standard normal (Box–Muller). */
  normal(): number;
  /** From Beta(α, α), 0…1 and 1/2 in the mean: the smaller α, the nearer to the ends. */
  beta(alpha: number): number;
  /** Shuffles in place (Fisher–Yates) and returns the same array. */
  shuffle<A extends Items>(items: A): A;
  /** One of the items. */
  pick<T>(items: readonly T[]): T;
}

interface Items {
  readonly length: number;
  [at: number]: unknown;
}

export function random(seed: number, ...path: (string | number)[]): Random {
  let [a, b, c, counter] = hash128(`${seed}/${path.join("/")}`);
  const bits = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) bits();

  const next = (): number => bits() / 2 ** 32;
  const below = (bound: number): number => Math.floor(next() * bound);
  let spare: number | undefined;
  /** The logarithm of a draw from Gamma(α, 1) (Marsaglia and Tsang 2000), as for small α the draw itself comes to 0. */
  const logGamma = (alpha: number): number => {
    if (alpha < 1) return logGamma(alpha + 1) + Math.log(1 - next()) / alpha;
    const d = alpha - 1 / 3;
    for (;;) {
      const x = normal();
      const v = (1 + x / Math.sqrt(9 * d)) ** 3;
      if (v > 0 && Math.log(1 - next()) < x ** 2 / 2 + d * (1 - v + Math.log(v))) return Math.log(d * v);
    }
  };
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    const angle = 2 * Math.PI * next();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return {
    next,
    below,
    uniform: (low, high) => low + next() * (high - low),
    normal,
    beta(alpha) {
      const [a, b] = [logGamma(alpha), logGamma(alpha)];
      return 1 / (1 + Math.exp(b - a));
    },
    shuffle(items) {
      for (let i = items.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [items[i], items[j]] = [items[j], items[i]];
      }
      return items;
    },
    pick: (items) => items[below(items.length)]!,
  };
}

/** Four 32-bit words from a string: FNV-1a with four offsets, each finished with murmur3's mixer. */
function hash128(text: string): [number, number, number, number] {
  const word = (offset: number): number => {
    let h = offset;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return h ^ (h >>> 16);
  };
  return [word(0x811c9dc5), word(0x2b992ddf), word(0x59d0b93b), word(0x6c62272e)];
}
