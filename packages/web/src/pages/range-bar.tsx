import type { JSX } from 'preact'
import { formatSpan } from '../format/time.ts'
import type { CollectorSession } from '../state/collector-session.ts'
import { RANGES } from '../state/view.ts'
import { useApp } from './app-context.ts'
import { ChevronIcon } from './icons.tsx'

export function RangeBar({ session }: { session: CollectorSession }): JSX.Element {
  const { clock } = useApp()
  const view = session.view.value
  const [fromMs, toMs] = session.spanMs.value
  return (
    <div class="range-bar">
      <div class="segments" role="group" aria-label="Range">
        {RANGES.map(({ name, label, rangeMs }, i) => (
          <button
            type="button"
            key={name}
            title={`Last ${label} (${i + 1})`}
            aria-pressed={view.mode === 'live' && view.rangeMs === rangeMs}
            onClick={() => session.setView({ mode: 'live', rangeMs })}
          >
            {label}
          </button>
        ))}
      </div>
      <div class="shift">
        <button
          type="button"
          class="icon-button flip"
          title="Earlier (←)"
          aria-label="Earlier"
          onClick={() => session.shift(-0.5)}
        >
          <ChevronIcon />
        </button>
        <button
          type="button"
          class="icon-button"
          title="Later (→)"
          aria-label="Later"
          disabled={view.mode === 'live'}
          onClick={() => session.shift(0.5)}
        >
          <ChevronIcon />
        </button>
      </div>
      <span class="span">{formatSpan(fromMs, toMs, clock.nowMs())}</span>
      {view.mode === 'fixed' && (
        <button type="button" class="button" title="Esc, or double click a chart" onClick={() => session.resetView()}>
          Back to live
        </button>
      )}
    </div>
  )
}
