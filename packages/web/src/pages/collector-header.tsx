import type { ComponentChildren, JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { hostFacts } from '../format/host.ts'
import { formatAgo, formatDuration } from '../format/time.ts'
import { formatValue } from '../format/value.ts'
import type { CollectorSession } from '../state/collector-session.ts'
import { useApp } from './app-context.ts'
import { StateMark } from './state-mark.tsx'

export function CollectorHeader({ session }: { session: CollectorSession }): JSX.Element {
  const { fleet, nowMs } = useApp()
  // The row of the fleet is told of each change of state; the detail is as old as the page.
  const detail = session.detail.value
  const collector = fleet.collectors.value?.get(session.id) ?? detail
  const name = collector?.name ?? session.id.slice(0, 8)
  useEffect(() => {
    document.title = `${name} · Godwit`
  }, [name])
  const lastTickMs = Math.max(session.newestTickMs.value ?? 0, collector?.lastTickMs ?? 0) || null
  const complete = collector?.completeness24h ?? null
  const backlog = collector?.backlogTicks ?? 0
  return (
    <header class="collector-head">
      <div class="collector-title">
        <h1>{name}</h1>
        {collector !== undefined && collector !== null && <StateMark state={collector.state} />}
        {collector?.tags.map((tag) => (
          <span class="tag" key={tag}>
            {tag}
          </span>
        ))}
      </div>
      <dl class="facts">
        <Fact name="Last tick">{formatAgo(lastTickMs, nowMs.value)}</Fact>
        {collector !== undefined && collector !== null && (
          <Fact name="Stored of the last 24 h">
            {formatValue(complete === null ? null : Math.floor(complete * 1000) / 1000, 'ratio')}
          </Fact>
        )}
        {backlog > 0 && <Fact name="In its queue">{formatDuration(backlog * 1000)}</Fact>}
        {session.uptimeSeconds.value !== null && (
          <Fact name="Up">{formatDuration(session.uptimeSeconds.value * 1000)}</Fact>
        )}
        {hostFacts(detail?.host ?? collector?.host ?? null).length > 0 && (
          <Fact name="Host">{hostFacts(detail?.host ?? collector?.host ?? null).join(' · ')}</Fact>
        )}
        <Fact name="Id">
          <code title={session.id}>{session.id}</code>
        </Fact>
      </dl>
    </header>
  )
}

function Fact({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
