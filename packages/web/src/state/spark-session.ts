import { parseSeriesName } from '@godwit/protocol'
import { ApiError } from '../api/api-error.ts'
import type { HttpApi } from '../api/http-api.ts'
import type { LiveTick } from '../api/live-decoder.ts'
import type { LiveSocket } from '../api/live-socket.ts'
import { EMPTY_RANGE, type RangeAnswer } from '../api/range-answer.ts'
import { lineValues } from '../charts/line-values.ts'
import type { Cancel, Clock } from '../clock.ts'
import { PaintPace } from './paint-pace.ts'
import { SeriesWindow } from './series-window.ts'
import { highest, planSparks, SPARK_METRICS, type SparkPlan } from './spark-plan.ts'

const SPARK_RANGE_MS = 180_000
const PAINT_INTERVAL_MS = 950
/** Ticks on their way are a second or two old: the right edge waits for them. */
const EDGE_MS = 1500

export interface SparkScene {
  readonly plan: SparkPlan
  readonly timestampsMs: Float64Array
  /** One value a row, NaN for none. */
  readonly values: Float64Array
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
}

/** The small charts of one row of the fleet, while it is in view. */
export class SparkSession {
  readonly #id: string
  readonly #api: HttpApi
  readonly #clock: Clock
  readonly #pace: PaintPace
  readonly #cancels: Cancel[]
  readonly #disposal = new AbortController()
  readonly #paint: (scenes: readonly SparkScene[]) => void
  #window: SeriesWindow | undefined
  #plans: readonly SparkPlan[] = []

  constructor(
    id: string,
    api: HttpApi,
    live: LiveSocket,
    clock: Clock,
    paint: (scenes: readonly SparkScene[]) => void,
  ) {
    this.#id = id
    this.#api = api
    this.#clock = clock
    this.#paint = paint
    this.#pace = new PaintPace(
      clock,
      () => PAINT_INTERVAL_MS,
      () => this.#show(),
    )
    this.#cancels = [
      live.watch(id, { onTick: (tick) => this.#take(tick), onLate: () => {} }),
      live.epoch.subscribe(() => void this.#load()),
      clock.every(1000, () => this.#pace.request()),
    ]
  }

  dispose(): void {
    this.#disposal.abort()
    this.#pace.dispose()
    for (const cancel of this.#cancels) cancel()
  }

  async #load(): Promise<void> {
    try {
      this.#window = new SeriesWindow(await this.#range())
    } catch (error) {
      if (this.#disposal.signal.aborted) return
      if (!(error instanceof ApiError)) throw error
      // Without a past the row goes on with live ticks; the banner tells of a server that is away.
      this.#window ??= new SeriesWindow(EMPTY_RANGE)
    }
    this.#plans = planSparks([...this.#window.columns.keys()])
    this.#pace.now()
  }

  /** The server refuses metrics that a collector does not have, so its schema tells which to ask for. */
  async #range(): Promise<RangeAnswer> {
    const { signal } = this.#disposal
    const { schema } = await this.#api.collector(this.#id, signal)
    const known = new Set(schema?.series.map(({ name }) => parseSeriesName(name).metric))
    const series = SPARK_METRICS.filter((metric) => known.has(metric))
    if (series.length === 0) return EMPTY_RANGE
    const toMs = this.#clock.nowMs() + 2000
    const fromMs = toMs - SPARK_RANGE_MS - 4000
    return this.#api.range({ collector: this.#id, fromMs, toMs, points: SPARK_RANGE_MS / 1000 + 10, series }, signal)
  }

  #take(tick: LiveTick): void {
    if (this.#window === undefined) return
    const columns = this.#window.columns.size
    if (this.#window.fold(tick.wallMs, tick.series, tick.values) !== 'appended') return
    if (this.#window.columns.size !== columns) this.#plans = planSparks([...this.#window.columns.keys()])
    this.#pace.request()
  }

  #show(): void {
    const window = this.#window
    if (window === undefined) return
    // A collector whose clock is off is drawn by its own time while it is live.
    const nowMs = this.#clock.nowMs() - EDGE_MS
    const toMs = window.lastMs !== undefined && window.lastMs > nowMs - 10_000 ? Math.max(window.lastMs, nowMs) : nowMs
    const fromMs = toMs - SPARK_RANGE_MS
    window.dropBefore(fromMs)
    const timestampsMs = window.timestampsMs.subarray(window.start, window.end)
    this.#paint(
      this.#plans.map((plan) => ({
        plan,
        timestampsMs,
        values: highest(plan.lines.map((line) => lineValues(line, window))),
        fromMs,
        toMs,
        stepMs: window.stepMs,
      })),
    )
  }
}
