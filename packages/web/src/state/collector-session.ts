import type { Series } from '@godwit/protocol'
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { ApiError, isMissing } from '../api/api-error.ts'
import type { CollectorDetail } from '../api/collector.ts'
import type { HttpApi } from '../api/http-api.ts'
import type { LiveTick } from '../api/live-decoder.ts'
import type { LiveSocket } from '../api/live-socket.ts'
import { EMPTY_RANGE, type Gap, type RangeAnswer } from '../api/range-answer.ts'
import { type ChartFrame, frameOf } from '../charts/chart-frame.ts'
import { type ChartGroup, planCharts, TOP_METRICS } from '../charts/chart-plan.ts'
import type { ChartScene } from '../charts/live-chart.ts'
import type { Cancel, Clock } from '../clock.ts'
import { PaintPace } from './paint-pace.ts'
import { SeriesWindow } from './series-window.ts'
import { DEFAULT_RANGE_MS, shiftView, spanOf, type View } from './view.ts'

/** Each second; a longer range moves by less than a pixel a second, and is painted when it has moved by a fraction of one. */
const MIN_PAINT_INTERVAL_MS = 950
const MAX_PAINT_INTERVAL_MS = 5000
const PAINTS_PER_SPAN = 4000
/** Up to here each second is asked for; beyond, about one row a pixel. */
const MAX_SPAN_OF_SECONDS_MS = 20 * 60_000
const REDUCED_POINTS = 720
/** Late ticks come by the hundred while a collector empties its queue. */
const LATE_RELOAD_MS = 4000
/** Gaps are named after the fact. */
const RELOAD_MS = 60_000

/** 'missing': the server knows no such collector. */
export type Loading = 'loading' | 'loaded' | 'failed' | 'missing'

/** Everything that one open collector page shows. Whoever makes it disposes of it. */
export class CollectorSession {
  readonly id: string
  readonly detail: Signal<CollectorDetail | null> = signal(null)
  readonly view: ReadonlySignal<View>
  readonly groups: Signal<readonly ChartGroup[]> = signal([])
  readonly gaps: Signal<readonly Gap[]> = signal([])
  readonly loading: Signal<Loading> = signal('loading')
  readonly newestTickMs: Signal<number | null> = signal(null)
  /** What the charts show, as of the last painting. */
  readonly spanMs: Signal<readonly [fromMs: number, toMs: number]>
  /** As of the newest tick, whatever range is shown. */
  readonly uptimeSeconds: Signal<number | null> = signal(null)
  readonly #view: Signal<View>
  readonly #api: HttpApi
  readonly #clock: Clock
  readonly #pace: PaintPace
  readonly #painters = new Set<(scene: ChartScene) => void>()
  readonly #cancels: Cancel[]
  readonly #disposal = new AbortController()
  /** The length of the last live view: what leaving a zoomed one returns to. */
  #liveRangeMs: number
  #window = new SeriesWindow(EMPTY_RANGE)
  #frame: ChartFrame | undefined
  readonly #series: Map<string, Series> = new Map()
  #plannedSchema: readonly Series[] | undefined
  /** Where the window has no value of such a metric, the one before it counts. */
  #zeroTops: ReadonlySet<string> = new Set()
  #uptimeAt = -1
  #loadAbort = new AbortController()
  /** Ticks that came while a range was on its way. */
  #pending: { wallMs: number; series: readonly Series[]; values: Float64Array }[] | undefined
  #cancelLateReload: Cancel | undefined

  constructor(id: string, view: View, api: HttpApi, live: LiveSocket, clock: Clock) {
    this.id = id
    this.#api = api
    this.#clock = clock
    this.#view = signal(view)
    this.#liveRangeMs = view.mode === 'live' ? view.rangeMs : DEFAULT_RANGE_MS
    this.view = this.#view
    this.spanMs = signal(this.#span())
    this.#pace = new PaintPace(
      clock,
      () => this.#paintIntervalMs(),
      () => this.#paint(),
    )
    this.#cancels = [
      live.watch(id, { onTick: (tick) => this.#take(tick), onLate: () => this.#reloadSoon() }),
      live.epoch.subscribe(() => void this.#loadAll()),
      clock.every(1000, () => this.#pace.request()),
      clock.every(RELOAD_MS, () => void this.#load()),
    ]
  }

  /** Moves the view by so many of its own lengths. */
  shift(lengths: number): void {
    this.setView(shiftView(this.#view.peek(), this.#span(), lengths, this.#liveRangeMs, this.#clock.nowMs()))
  }

  resetView(): void {
    if (this.#view.peek().mode === 'fixed') this.setView({ mode: 'live', rangeMs: this.#liveRangeMs })
  }

  setView(view: View): void {
    if (view.mode === 'live') this.#liveRangeMs = view.rangeMs
    this.#view.value = view
    void this.#load()
    this.#pace.now()
  }

  get scene(): ChartScene {
    this.#frame ??= frameOf(this.#window)
    return { frame: this.#frame, viewMs: this.#span(), gaps: this.gaps.peek() }
  }

  /** Calls `painter` with each new scene until cancelled. */
  onPaint(painter: (scene: ChartScene) => void): Cancel {
    this.#painters.add(painter)
    return () => this.#painters.delete(painter)
  }

  dispose(): void {
    this.#disposal.abort()
    this.#loadAbort.abort()
    this.#pace.dispose()
    this.#cancelLateReload?.()
    for (const cancel of this.#cancels) cancel()
  }

  #paintIntervalMs(): number {
    const [fromMs, toMs] = this.#span()
    return Math.min(Math.max((toMs - fromMs) / PAINTS_PER_SPAN, MIN_PAINT_INTERVAL_MS), MAX_PAINT_INTERVAL_MS)
  }

  #span(): [number, number] {
    return spanOf(this.#view.peek(), this.newestTickMs.peek(), this.#clock.nowMs())
  }

  async #loadAll(): Promise<void> {
    void this.#load()
    try {
      const detail = await this.#api.collector(this.id, this.#disposal.signal)
      this.detail.value = detail
      if (detail.lastTickMs !== null) this.#sawTick(detail.lastTickMs)
      this.#plan(detail.schema?.series ?? [])
    } catch (error) {
      if (this.#disposal.signal.aborted) return
      if (!(error instanceof ApiError)) throw error
      // What was received stays on the page, under the banner that tells of the lost connection.
      if (this.detail.peek() === null) this.loading.value = isMissing(error) ? 'missing' : 'failed'
    }
  }

  async #load(): Promise<void> {
    this.#loadAbort.abort()
    const abort = new AbortController()
    this.#loadAbort = abort
    this.#pending ??= []
    if (this.loading.peek() === 'loaded') this.loading.value = 'loading'
    const [fromMs, toMs] = this.#span()
    const isShort = toMs - fromMs <= MAX_SPAN_OF_SECONDS_MS
    const isLive = this.#view.peek().mode === 'live'
    try {
      const answer = await this.#api.range(
        {
          collector: this.id,
          fromMs: fromMs - 2000,
          // Ticks may be newer than this page knows.
          toMs: isLive ? Math.max(toMs, this.#clock.nowMs()) + 2000 : toMs,
          points: isShort ? Math.ceil((toMs - fromMs) / 1000) + 20 : REDUCED_POINTS,
        },
        abort.signal,
      )
      this.#accept(answer)
    } catch (error) {
      if (abort.signal.aborted) return
      this.#foldPending()
      if (this.loading.peek() !== 'missing') this.loading.value = 'failed'
      this.#pace.request()
      if (!(error instanceof ApiError)) throw error
    }
  }

  #accept(answer: RangeAnswer): void {
    this.#window = new SeriesWindow(answer)
    this.#foldPending()
    const isLive = this.#view.peek().mode === 'live'
    if (isLive && this.#window.lastMs !== undefined && !this.#window.reduced) this.#sawTick(this.#window.lastMs)
    this.gaps.value = answer.gaps
    this.loading.value = 'loaded'
    const tops = TOP_METRICS.filter((metric) => this.#window.isZero(metric) ?? this.#zeroTops.has(metric))
    this.#plan(
      Object.entries(answer.series).map(([name, { unit, kind }]) => ({ name, unit, kind, resolution: null })),
      new Set(tops),
    )
    if (isLive && this.uptimeSeconds.peek() === null) this.#sawUptime(this.#window.lastOf('uptime_seconds'))
    this.#pace.now()
  }

  #foldPending(): void {
    const pending = this.#pending ?? []
    this.#pending = undefined
    if (this.#view.peek().mode === 'fixed') return
    for (const tick of pending) this.#window.fold(tick.wallMs, tick.series, tick.values)
  }

  #take(tick: LiveTick): void {
    this.#sawTick(tick.wallMs)
    if (tick.series !== this.#plannedSchema) {
      this.#plannedSchema = tick.series
      this.#uptimeAt = tick.series.findIndex(({ name }) => name === 'uptime_seconds')
      this.#plan(tick.series)
    }
    this.#sawUptime(tick.values[this.#uptimeAt])
    if (this.#view.peek().mode === 'fixed') return
    if (this.#pending !== undefined) {
      this.#pending.push({ wallMs: tick.wallMs, series: tick.series, values: tick.values.slice() })
      return
    }
    const folded = this.#window.fold(tick.wallMs, tick.series, tick.values)
    if (folded === 'late') this.#reloadSoon()
    if (folded === 'appended') this.#pace.request()
  }

  #reloadSoon(): void {
    this.#cancelLateReload ??= this.#clock.after(LATE_RELOAD_MS, () => {
      this.#cancelLateReload = undefined
      void this.#load()
    })
  }

  #sawTick(wallMs: number): void {
    if (wallMs > (this.newestTickMs.peek() ?? 0)) this.newestTickMs.value = wallMs
  }

  /** Adds series to those known and plans the charts again if that changed what there is to show. */
  #plan(series: readonly Series[], zeroTops: ReadonlySet<string> = this.#zeroTops): void {
    const before = this.#series.size
    for (const one of series) if (!this.#series.has(one.name)) this.#series.set(one.name, one)
    if (this.#series.size === before && zeroTops.symmetricDifference(this.#zeroTops).size === 0) return
    this.#zeroTops = zeroTops
    this.groups.value = planCharts([...this.#series.values()], zeroTops)
  }

  #paint(): void {
    const [fromMs] = this.#span()
    if (this.#view.peek().mode === 'live') this.#window.dropBefore(fromMs)
    this.#frame = frameOf(this.#window)
    const scene = this.scene
    this.spanMs.value = scene.viewMs
    for (const painter of this.#painters) painter(scene)
  }

  #sawUptime(seconds: number | undefined): void {
    if (seconds !== undefined && !Number.isNaN(seconds)) this.uptimeSeconds.value = seconds
  }
}
