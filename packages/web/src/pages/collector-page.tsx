import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { formatDateTime } from '../format/time.ts'
import { CollectorSession } from '../state/collector-session.ts'
import { queryOfView, RANGES, viewOfQuery } from '../state/view.ts'
import { useApp } from './app-context.ts'
import { ChartCard } from './chart-card.tsx'
import { sectionsOf } from './chart-sections.ts'
import { CollectorHeader } from './collector-header.tsx'
import { CoverageStrip } from './coverage-strip.tsx'
import { onKey } from './keyboard.ts'
import { RangeBar } from './range-bar.tsx'

export function CollectorPage({ id }: { id: string }): JSX.Element {
  const session = useSession(id)
  if (session === undefined) return <div class="page" />
  if (session.loading.value === 'missing') return <MissingCollector id={id} />
  return <OpenCollector session={session} />
}

function useSession(id: string): CollectorSession | undefined {
  const { api, live, clock, router } = useApp()
  const [session, setSession] = useState<CollectorSession>()
  useEffect(() => {
    const opened = new CollectorSession(id, viewOfQuery(router.query), api, live, clock)
    const stopQuery = opened.view.subscribe((view) => router.setQuery(queryOfView(view)))
    setSession(opened)
    return () => {
      stopQuery()
      opened.dispose()
    }
  }, [id])
  return session
}

function OpenCollector({ session }: { session: CollectorSession }): JSX.Element {
  const sections = sectionsOf(session.groups.value)
  useShortcuts(session)
  return (
    <div class={`page collector is-${session.loading.value}`}>
      <CollectorHeader session={session} />
      <div class="toolbar">
        <RangeBar session={session} />
        <nav class="group-links" aria-label="Groups of charts">
          {sections.map(({ id, title }) => (
            <button
              type="button"
              key={id}
              onClick={() => document.getElementById(id)?.scrollIntoView({ behavior: 'smooth' })}
            >
              {title}
            </button>
          ))}
        </nav>
        <CoverageStrip session={session} />
      </div>
      <EmptyRange session={session} />
      {sections.map(({ id, title, charts }) => (
        <section key={id} id={id} class="chart-group">
          <h2>{title}</h2>
          <div class="charts">
            {charts.map((plan) => (
              <ChartCard key={plan.id} plan={plan} session={session} />
            ))}
          </div>
        </section>
      ))}
    </div>
  )
}

/** A silent collector has nothing in a range that ends now: leads to where its last ticks are. */
function EmptyRange({ session }: { session: CollectorSession }): JSX.Element | null {
  const [fromMs, toMs] = session.spanMs.value
  const lastMs = session.newestTickMs.value
  if (lastMs === null || lastMs >= fromMs || session.loading.value !== 'loaded' || session.view.value.mode !== 'live')
    return null
  const rangeMs = toMs - fromMs
  return (
    <div class="empty-range">
      Nothing arrived in this range; the last tick is of {formatDateTime(lastMs)}.
      <button
        type="button"
        class="button"
        onClick={() =>
          session.setView({ mode: 'fixed', fromMs: lastMs - rangeMs * 0.95, toMs: lastMs + rangeMs * 0.05 })
        }
      >
        Show it
      </button>
    </div>
  )
}

function MissingCollector({ id }: { id: string }): JSX.Element {
  return (
    <div class="notice">
      <h1>No such collector</h1>
      <p>
        The server knows none with the id <code>{id}</code>. <a href="/">See the fleet</a>.
      </p>
    </div>
  )
}

function useShortcuts(session: CollectorSession): void {
  const { router, fleet } = useApp()
  useEffect(
    () =>
      onKey((key, event) => {
        const range = RANGES[Number(key) - 1]
        if (range !== undefined) session.setView({ mode: 'live', rangeMs: range.rangeMs })
        if (key === 'ArrowLeft') session.shift(-0.5)
        if (key === 'ArrowRight') session.shift(0.5)
        if (key === 'Escape') session.resetView()
        if (key !== '/') return
        // Or else the key is typed into the filter, or searched for by the browser.
        event.preventDefault()
        fleet.wantsFilter.value = true
        router.go('/')
      }),
    [session],
  )
}
