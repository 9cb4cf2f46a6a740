import type { JSX } from 'preact'
import type { CollectorState } from '../api/collector.ts'
import { useApp } from './app-context.ts'

const MEANING: Readonly<Record<CollectorState, string>> = {
  live: 'Its ticks arrive',
  late: 'Its ticks arrive with delay',
  silent: 'Nothing arrives from it',
  clone: 'Two machines report under this id',
}

export function StateMark({ state }: { state: CollectorState }): JSX.Element {
  // Without the server nobody knows: the last known state stays, but faint.
  const stale = useApp().live.connection.value.status === 'lost'
  return (
    <span
      class={`state is-${state}${stale ? ' stale' : ''}`}
      title={stale ? 'As it was when the server was last reached' : MEANING[state]}
    >
      <i />
      {state}
    </span>
  )
}
