import uPlot from 'uplot'
import type { Gap } from '../api/range-answer.ts'
import { causeText } from '../format/cause.ts'
import { formatClock, formatDateTime, formatDuration } from '../format/time.ts'
import type { Palette } from '../theme/palette.ts'
import { drawGaps, drawHeat } from './chart-canvas.ts'
import { type ChartData, type ChartFrame, chartDataOf, hasBands, rowUnder } from './chart-frame.ts'
import { ChartLegend } from './chart-legend.ts'
import { type ChartSize, type ChartSource, CURSOR_SYNC_KEY, chartOptions } from './chart-options.ts'
import type { ChartPlan } from './chart-plan.ts'

/** What one second shows. */
export interface ChartScene {
  readonly frame: ChartFrame
  readonly viewMs: readonly [fromMs: number, toMs: number]
  readonly gaps: readonly Gap[]
}

export interface ChartHost {
  readonly plot: HTMLElement
  readonly legend: HTMLElement
  readonly palette: () => Palette
  readonly onZoom: (fromMs: number, toMs: number) => void
  readonly onReset: () => void
}

const DAY_MS = 86_400_000
const MIN_ZOOM_MS = 5000

/** One chart on the page. Made when it comes into view; each second's scene is drawn into the same uPlot instance. */
export class LiveChart {
  readonly #plan: ChartPlan
  readonly #host: ChartHost
  readonly #legend: ChartLegend
  readonly #tag: HTMLElement
  #size: ChartSize
  #scene: ChartScene
  #data: ChartData
  #chart: uPlot
  #banded: boolean
  /** Drags are mirrored into all charts; the one under the pointer answers. */
  #pointed = false
  #dragged = false

  constructor(plan: ChartPlan, host: ChartHost, scene: ChartScene, size: ChartSize) {
    this.#plan = plan
    this.#host = host
    this.#scene = scene
    this.#size = size
    this.#data = chartDataOf(plan, scene.frame)
    this.#legend = new ChartLegend(host.legend, plan)
    this.#legend.recolor(host.palette())
    this.#tag = document.createElement('div')
    this.#tag.className = 'cursor-tag'
    this.#banded = hasBands(plan, scene.frame.window)
    this.#chart = this.#create()
    this.#tell()
  }

  show(scene: ChartScene): void {
    this.#scene = scene
    this.#data = chartDataOf(this.#plan, scene.frame)
    const banded = hasBands(this.#plan, scene.frame.window)
    if (banded !== this.#banded) {
      this.#banded = banded
      this.#chart.destroy()
      this.#chart = this.#create()
    } else {
      this.#chart.setData(this.#aligned())
    }
    this.#tell()
  }

  resize(size: ChartSize): void {
    if (size.widthPx === this.#size.widthPx && size.heightPx === this.#size.heightPx) return
    this.#size = size
    this.#chart.setSize({ width: size.widthPx, height: size.heightPx })
  }

  recolor(): void {
    this.#legend.recolor(this.#host.palette())
    this.#chart.redraw(false, true)
  }

  /** A chart out of view takes no part in the shared cursor. */
  setInView(inView: boolean): void {
    const sync = uPlot.sync(CURSOR_SYNC_KEY)
    sync.unsub(this.#chart)
    if (inView) sync.sub(this.#chart)
  }

  dispose(): void {
    this.#chart.destroy()
    this.#host.legend.replaceChildren()
  }

  #create(): uPlot {
    const source: ChartSource = {
      plan: this.#plan,
      palette: this.#host.palette,
      viewMs: () => [...this.#scene.viewMs],
      top: () => this.#top(),
    }
    const hooks: uPlot.Hooks.Arrays = {
      drawClear: [(chart) => drawGaps(chart, this.#scene.gaps, this.#host.palette())],
      setCursor: [() => this.#tell()],
      setSelect: [(chart) => this.#zoom(chart)],
      ready: [(chart) => this.#listen(chart)],
    }
    if (this.#plan.draw === 'heat') {
      hooks.draw = [(chart) => drawHeat(chart, this.#data.told, this.#scene.frame.window.stepMs, this.#host.palette())]
    }
    return new uPlot(chartOptions(source, this.#size, this.#banded, hooks), this.#aligned(), this.#host.plot)
  }

  #listen(chart: uPlot): void {
    chart.over.append(this.#tag)
    chart.over.addEventListener('mouseenter', () => {
      this.#pointed = true
    })
    chart.over.addEventListener('mouseleave', () => {
      this.#pointed = false
      this.#tag.classList.remove('shown')
    })
    chart.over.addEventListener('mousedown', () => {
      this.#dragged = true
    })
    chart.over.addEventListener('dblclick', () => this.#host.onReset())
  }

  #zoom(chart: uPlot): void {
    const { left, width } = chart.select
    if (width <= 0) return
    const isOurs = this.#dragged
    this.#dragged = false
    const fromMs = chart.posToVal(left, 'x')
    const toMs = chart.posToVal(left + width, 'x')
    chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    if (isOurs && toMs - fromMs >= MIN_ZOOM_MS) this.#host.onZoom(fromMs, toMs)
  }

  /** Legend and tag: at the cursor where there is one, else the newest row that is still in view. */
  #tell(): void {
    const chart: uPlot | undefined = this.#chart
    // uPlot calls its hooks while it is being made.
    if (chart === undefined) return
    const { left, idx } = chart.cursor
    const pointing = left !== undefined && left >= 0
    const row = pointing ? rowUnder(this.#scene.frame, idx, chart.posToVal(left, 'x')) : this.#newestRow()
    this.#legend.tell(this.#data.told, row)
    if (pointing && this.#pointed) this.#tellTime(chart, left)
  }

  #tellTime(chart: uPlot, left: number): void {
    const [fromMs, toMs] = this.#scene.viewMs
    const timestampMs = chart.posToVal(left, 'x')
    const gap = this.#scene.gaps.find((one) => one.fromMs <= timestampMs && timestampMs <= one.toMs)
    const time = toMs - fromMs > DAY_MS / 2 ? formatDateTime(timestampMs) : formatClock(timestampMs)
    this.#tag.textContent =
      gap === undefined ? time : `${time} · ${causeText(gap.cause)}, ${formatDuration(gap.toMs - gap.fromMs)} missing`
    this.#tag.classList.add('shown')
    this.#tag.classList.toggle('in-gap', gap !== undefined)
    const half = this.#tag.offsetWidth / 2
    const center = Math.min(Math.max(left, half), chart.over.clientWidth - half)
    this.#tag.style.transform = `translate(${Math.round(center - half)}px, -100%)`
  }

  #newestRow(): number | null {
    const { timestampsMs, window } = this.#scene.frame
    const toMs = this.#scene.viewMs[1]
    let row = timestampsMs.length - 1
    while (row >= 0 && (timestampsMs[row] as number) > toMs) row--
    return row >= 0 && toMs - (timestampsMs[row] as number) <= window.stepMs * 2 + 10_000 ? row : null
  }

  /** A metric as the top of the axis (memory_total_bytes): its newest value. */
  #top(): number | undefined {
    const { top } = this.#plan
    if (typeof top !== 'string') return top
    const { window } = this.#scene.frame
    const values = window.columns.get(top)?.values
    for (let row = window.end - 1; values !== undefined && row >= window.start; row--) {
      const value = values[row] as number
      if (!Number.isNaN(value)) return value
    }
    return undefined
  }

  #aligned(): uPlot.AlignedData {
    return [this.#scene.frame.timestampsMs, ...this.#data.drawn]
  }
}
