import type { JSX } from 'preact'
import { formatClock } from '../format/time.ts'
import { useApp } from './app-context.ts'

/** A blip that the next try mends is not worth a banner. */
const PATIENCE_MS = 1500

export function ConnectionBanner(): JSX.Element | null {
  const { live, nowMs } = useApp()
  const connection = live.connection.value
  if (connection.status !== 'lost' || nowMs.value - connection.sinceMs < PATIENCE_MS) return null
  return (
    <div class="banner" role="alert">
      <i />
      <span>
        <b>Server unreachable since {formatClock(connection.sinceMs)}</b>, showing what was received; reconnecting…
      </span>
      <button type="button" onClick={() => live.connect()}>
        Try now
      </button>
    </div>
  )
}
