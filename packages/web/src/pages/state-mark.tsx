import type { JSX } from 'preact'
import type { CollectorState } from '../api/collector.ts'

const MEANING: Readonly<Record<CollectorState, string>> = {
  live: 'Its ticks arrive',
  late: 'Its ticks arrive with delay',
  silent: 'Nothing arrives from it',
  clone: 'Two machines report under this id',
}

export function StateMark({ state }: { state: CollectorState }): JSX.Element {
  return (
    <span class={`state is-${state}`} title={MEANING[state]}>
      <i />
      {state}
    </span>
  )
}
