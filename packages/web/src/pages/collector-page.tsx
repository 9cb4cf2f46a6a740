import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { ChartGroup } from '../charts/chart-plan.ts'
import { formatDateTime } from '../format/time.ts'
import { CollectorSession } from '../state/collector-session.ts'
import { queryOfView, RANGES, spanOf, type View, viewOfQuery } from '../state/view.ts'
import { useApp } from './app-context.ts'
import { ChartCard } from './chart-card.tsx'
import { CollectorHeader } from './collector-header.tsx'
import { CoverageStrip } from './coverage-strip.tsx'
import { onKey } from './keyboard.ts'
import { RangeBar } from './range-bar.tsx'

const GROUP_TITLES: Readonly<Record<ChartGroup['group'], string>> = {
  cpu: 'Processor',
  load: 'Load',
  memory: 'Memory',
  pressure: 'Pressure',
  disk: 'Disk',
  filesystem: 'File systems',
  network: 'Network',
  temperature: 'Temperature',
  system: 'System',
  collector: 'Collector',
  other: 'Other',
}

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
  const groups = session.groups.value
  useShortcuts(session)
  return (
    <div class={`page collector is-${session.loading.value}`}>
      <CollectorHeader session={session} />
      <div class="toolbar">
        <RangeBar session={session} />
        <nav class="group-links" aria-label="Groups of charts">
          {groups.map(({ group }) => (
            <button type="button" key={group} onClick={() => document.getElementById(group)?.scrollIntoView({ behavior: 'smooth' })}>
              {GROUP_TITLES[group]}
            </button>
          ))}
        </nav>
        <CoverageStrip session={session} />
      </div>
      <EmptyRange session={session} />
      {groups.map(({ group, charts }) => (
        <section key={group} id={group} class="chart-group">
          <h2>{GROUP_TITLES[group]}</h2>
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
  if (lastMs === null || lastMs >= fromMs || session.loading.value !== 'loaded' || session.view.value.mode !== 'live') return null
  const rangeMs = toMs - fromMs
  return (
    <div class="empty-range">
      Nothing arrived in this range; the last tick is of {formatDateTime(lastMs)}.
      <button
        type="button"
        class="button"
        onClick={() => session.setView({ mode: 'fixed', fromMs: lastMs - rangeMs * 0.95, toMs: lastMs + rangeMs * 0.05 })}
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
  const { clock, router } = useApp()
  useEffect(
    () =>
      onKey((key) => {
        const range = RANGES[Number(key) - 1]
        if (range !== undefined) session.setView({ mode: 'live', rangeMs: range.rangeMs })
        if (key === 'ArrowLeft') session.setView(shifted(session, -0.5, clock.nowMs()))
        if (key === 'ArrowRight') session.setView(shifted(session, 0.5, clock.nowMs()))
        if (key === 'Escape') session.resetView()
        if (key === '/') router.go('/')
      }),
    [session],
  )
}

/** The view moved by so many of its own lengths; live again once it reaches the present. */
export function shifted(session: CollectorSession, lengths: number, nowMs: number): View {
  const view = session.view.value
  const [fromMs, toMs] = spanOf(view, session.newestTickMs.value, nowMs)
  const byMs = (toMs - fromMs) * lengths
  if (lengths > 0 && (view.mode === 'live' || toMs + byMs >= nowMs)) return { mode: 'live', rangeMs: session.liveRangeMs }
  return { mode: 'fixed', fromMs: fromMs + byMs, toMs: toMs + byMs }
}
