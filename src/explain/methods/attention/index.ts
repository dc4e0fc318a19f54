import type { Method } from "../../method.ts";
import { attentionGradient } from "./attention-gradient.ts";
import { attentionRollout } from "./attention-rollout.ts";

/** What tokens look at, in networks with attention. */
export const attention: readonly Method[] = [attentionRollout, attentionGradient];
