import { LIMITS } from '@godwit/protocol'
import { ServerError } from '../errors.ts'

/** Both ends included, unix ms. */
export interface TimeRange {
  readonly fromMs: number
  readonly toMs: number
}

/** Throws RANGE_INVALID unless both ends are times and in their order. */
export function checkRange({ fromMs, toMs }: TimeRange): void {
  if (!isTime(fromMs) || !isTime(toMs)) {
    throw new ServerError('RANGE_INVALID', { what: 'from and to must be times between 1970 and 9999' })
  }
  if (fromMs > toMs) throw new ServerError('RANGE_INVALID', { what: 'from is after to' })
}

function isTime(ms: number): boolean {
  return ms >= 0 && ms <= LIMITS.wallMs
}
