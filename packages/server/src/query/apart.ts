import { V1_RUN } from '../store/v1-schema.ts'

/** Ticks are apart when there is more than this many intervals between them. */
export const APART_INTERVALS = 1.5

/** Version 1 tells whole seconds: ticks that are not apart may seem to be by as much as this more. */
const V1_RESOLUTION_MS = 1000

/** How far from one tick of a run, by its clock, the next may be until there is a gap between them. */
export function reachMs(run: number, intervalMs: number): number {
  return APART_INTERVALS * intervalMs + (run === V1_RUN ? V1_RESOLUTION_MS : 0)
}
