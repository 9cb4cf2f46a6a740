import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { CollectorState } from '../api/collector.ts'
import { STATE_ORDER } from '../state/fleet.ts'
import { useApp } from './app-context.ts'
import { EmptyFleet } from './empty-fleet.tsx'
import { FleetRow } from './fleet-row.tsx'
import { SearchIcon } from './icons.tsx'
import { onKey } from './keyboard.ts'

export function FleetPage(): JSX.Element | null {
  const { fleet } = useApp()
  useEffect(() => {
    document.title = 'Fleet · Godwit'
  }, [])
  const collectors = fleet.collectors.value
  if (collectors === undefined) return <FleetSkeleton />
  if (collectors.size === 0) return <EmptyFleet />
  const shown = fleet.shown.value
  return (
    <div class="page">
      <div class="fleet-head">
        <h1>Fleet</h1>
        <StateFilter total={collectors.size} />
        <div class="spacer" />
        <FilterBox />
      </div>
      {shown.length === 0 ? (
        <p class="nothing-found">
          No collector matches.{' '}
          <button type="button" class="link" onClick={() => clearFilters(fleet)}>
            Show all
          </button>
        </p>
      ) : (
        <div class="fleet">
          <div class="fleet-columns" aria-hidden="true">
            <span>Collector</span>
            <span>Last tick</span>
            <span>Processor</span>
            <span>Memory</span>
            <span>Network</span>
            <span>Temp / disk</span>
            <span class="right">24 h</span>
          </div>
          {shown.map((id) => (
            <FleetRow key={id} id={id} />
          ))}
        </div>
      )}
    </div>
  )
}

function clearFilters(fleet: ReturnType<typeof useApp>['fleet']): void {
  fleet.filter.value = ''
  fleet.stateFilter.value = null
}

/** Counts by state that filter when pressed; states that nobody is in are left out, but for live. */
function StateFilter({ total }: { total: number }): JSX.Element {
  const { fleet } = useApp()
  const counts = fleet.counts.value
  const chosen = fleet.stateFilter.value
  const choose = (state: CollectorState | null) => () => {
    fleet.stateFilter.value = state === chosen ? null : state
  }
  return (
    <div class="state-filter" role="group" aria-label="Filter by state">
      <button type="button" aria-pressed={chosen === null} onClick={choose(null)}>
        All <b>{total}</b>
      </button>
      {STATE_ORDER.filter((state) => state !== 'clone' || counts.clone > 0).map((state) => (
        <button
          type="button"
          key={state}
          class={`state is-${state}`}
          aria-pressed={chosen === state}
          onClick={choose(state)}
        >
          <i />
          {state} <b>{counts[state]}</b>
        </button>
      ))}
    </div>
  )
}

function FilterBox(): JSX.Element {
  const { fleet } = useApp()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (!fleet.wantsFilter.peek()) return
    fleet.wantsFilter.value = false
    input.current?.select()
  }, [])
  useEffect(
    () =>
      onKey((key, event) => {
        if (key !== '/') return
        event.preventDefault()
        input.current?.select()
      }),
    [],
  )
  return (
    <label class="filter">
      <SearchIcon />
      <input
        ref={input}
        type="search"
        placeholder="Filter by name, tag, host"
        aria-label="Filter collectors"
        spellcheck={false}
        autocomplete="off"
        value={fleet.filter.value}
        onInput={(event) => {
          fleet.filter.value = event.currentTarget.value
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          fleet.filter.value = ''
          event.currentTarget.blur()
        }}
      />
      <kbd>/</kbd>
    </label>
  )
}

function FleetSkeleton(): JSX.Element {
  return (
    <div class="page" aria-busy="true">
      <div class="fleet-head">
        <h1>Fleet</h1>
      </div>
      <div class="fleet">
        {[0, 1, 2].map((i) => (
          <div class="fleet-row skeleton" key={i}>
            <span />
            <span />
            <span />
            <span />
          </div>
        ))}
      </div>
    </div>
  )
}
