import { type Signal, useSignal } from '@preact/signals'
import type { JSX, RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { drawSparkline } from '../charts/sparkline.ts'
import { hostLine } from '../format/host.ts'
import { formatAgo } from '../format/time.ts'
import { formatParts, NOTHING } from '../format/value.ts'
import type { SparkKind } from '../state/spark-plan.ts'
import { type SparkScene, SparkSession } from '../state/spark-session.ts'
import { seriesColor } from '../theme/palette.ts'
import { useApp } from './app-context.ts'
import { useInView } from './in-view.ts'
import { StateMark } from './state-mark.tsx'

const PRELOAD_PX = 200
/** The newest value counts as current for so long. */
const CURRENT_MS = 8000

const CELLS: readonly { kinds: readonly SparkKind[]; label: string; color: number }[] = [
  { kinds: ['cpu'], label: 'CPU', color: 0 },
  { kinds: ['memory'], label: 'Memory', color: 4 },
  { kinds: ['network'], label: 'Network', color: 1 },
  { kinds: ['temperature', 'disk'], label: 'Temp', color: 2 },
]

export function FleetRow({ id }: { id: string }): JSX.Element | null {
  const { fleet, nowMs } = useApp()
  const row = useRef<HTMLAnchorElement>(null)
  const scenes = useScenes(id, row)
  const collector = fleet.collectors.value?.get(id)
  if (collector === undefined) return null
  const facts = hostLine(collector.host)
  return (
    <a class={`fleet-row is-${collector.state}`} ref={row} href={`/collectors/${id}`}>
      <div class="fleet-name">
        <div>
          <b>{collector.name}</b>
          {collector.tags.map((tag) => (
            <span class="tag" key={tag}>
              {tag}
            </span>
          ))}
        </div>
        <small>{facts === '' ? id.slice(0, 8) : facts}</small>
      </div>
      <div class="fleet-state">
        <StateMark state={collector.state} />
        <small>{formatAgo(newest(collector.lastTickMs, scenes.value), nowMs.value)}</small>
      </div>
      {CELLS.map(({ kinds, label, color }) => (
        <SparkCell
          key={label}
          label={label}
          mixed={kinds.length > 1}
          color={color}
          scene={scenes.value.find((scene) => kinds.includes(scene.plan.kind))}
          nowMs={nowMs.value}
        />
      ))}
      <div class="fleet-complete">{completeness(collector.completeness24h, collector.backlogTicks)}</div>
    </a>
  )
}

/** The row's small charts, kept up to date while it is in view. */
function useScenes(id: string, row: RefObject<Element | null>): Signal<readonly SparkScene[]> {
  const { api, live, clock } = useApp()
  const scenes = useSignal<readonly SparkScene[]>([])
  const inView = useInView(row, PRELOAD_PX)
  useEffect(() => {
    if (!inView) return undefined
    const session = new SparkSession(id, api, live, clock, (painted) => {
      scenes.value = painted
    })
    return () => session.dispose()
  }, [inView, id])
  return scenes
}

interface SparkCellProps {
  readonly label: string
  /** The column holds more than one kind, so its heading does not tell which this is. */
  readonly mixed: boolean
  readonly color: number
  readonly scene: SparkScene | undefined
  readonly nowMs: number
}

function SparkCell({ label, mixed, color, scene, nowMs }: SparkCellProps): JSX.Element {
  const { palette } = useApp()
  const canvas = useRef<HTMLCanvasElement>(null)
  const colors = palette.value
  useEffect(() => {
    if (canvas.current !== null && scene !== undefined) {
      drawSparkline(canvas.current, scene, seriesColor(colors, color), devicePixelRatio)
    }
  }, [scene, colors])
  const { number, unit } = scene === undefined ? NOTHING : formatParts(currentOf(scene, nowMs), scene.plan.unit)
  const kind = scene?.plan.kind === 'disk' ? 'Disk' : label
  return (
    <div class="spark">
      <span class="spark-label">{kind}</span>
      <span class="spark-value">
        {number}
        <small>{unit}</small>
        {mixed && scene !== undefined && <small class="spark-kind">{kind.toLowerCase()}</small>}
      </span>
      <canvas ref={canvas} />
    </div>
  )
}

function currentOf({ values, timestampsMs }: SparkScene, nowMs: number): number | null {
  const last = values.length - 1
  if (last < 0 || nowMs - (timestampsMs[last] as number) > CURRENT_MS) return null
  // A sensor that skips a second does not make the value blink.
  for (let row = last; row >= Math.max(0, last - 2); row--) if (!Number.isNaN(values[row])) return values[row] as number
  return null
}

/** Live ticks are newer than the row that was polled. */
function newest(lastTickMs: number | null, scenes: readonly SparkScene[]): number | null {
  const drawn = scenes[0]?.timestampsMs.at(-1)
  return drawn === undefined ? lastTickMs : Math.max(drawn, lastTickMs ?? 0)
}

function completeness(ratio: number | null, backlogTicks: number | null): JSX.Element {
  if (backlogTicks !== null && backlogTicks > 60) {
    const { number, unit } = formatParts(backlogTicks, 'count')
    return (
      <span class="backlog" title={`${backlogTicks} seconds wait in the collector's queue`}>
        {number}
        {unit} queued
      </span>
    )
  }
  if (ratio === null) return <span title="Too little history to tell yet">–</span>
  const { number, unit } = formatParts(Math.floor(ratio * 1000) / 1000, 'ratio')
  return (
    <span class={ratio < 0.999 ? 'incomplete' : ''} title="Seconds of the last 24 h that are stored">
      {number}
      <small>{unit}</small>
    </span>
  )
}
