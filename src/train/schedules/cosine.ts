import { halfCosine } from "../half-cosine.ts";
import type { Schedule } from "./schedule.ts";

/** Down to nothing along half a cosine (Loshchilov and Hutter 2017, equation 5, without restarts). */
export const cosine: Schedule = {
  name: "cosine",
  summary: "down to 0 along half a cosine",
  rate: (base, part) => halfCosine(base, 0, part),
};
