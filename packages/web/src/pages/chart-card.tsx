import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { ChartPlan } from '../charts/chart-plan.ts'
import { LiveChart } from '../charts/live-chart.ts'
import type { CollectorSession } from '../state/collector-session.ts'
import { useApp } from './app-context.ts'
import { useInView } from './in-view.ts'

const PRELOAD_PX = 300

/** A frame for one LiveChart: it exists from when the card is first seen, and rests while the card is out of view. */
export function ChartCard({ plan, session }: { plan: ChartPlan; session: CollectorSession }): JSX.Element {
  const { palette } = useApp()
  const plot = useRef<HTMLDivElement>(null)
  const legend = useRef<HTMLDivElement>(null)
  const chart = useRef<LiveChart | undefined>(undefined)
  const inView = useInView(plot, PRELOAD_PX)

  useEffect(() => {
    if (!inView || plot.current === null || legend.current === null) return undefined
    const box = plot.current
    const size = () => ({ widthPx: box.clientWidth, heightPx: box.clientHeight })
    if (chart.current === undefined) {
      const host = {
        plot: box,
        legend: legend.current,
        palette: () => palette.peek(),
        onZoom: (fromMs: number, toMs: number) => session.setView({ mode: 'fixed', fromMs, toMs }),
        onReset: () => session.resetView(),
      }
      chart.current = new LiveChart(plan, host, session.scene, size())
    } else {
      chart.current.resize(size())
      chart.current.show(session.scene)
    }
    const shown = chart.current
    shown.setInView(true)
    const stopPainting = session.onPaint((scene) => shown.show(scene))
    const resizes = new ResizeObserver(() => shown.resize(size()))
    resizes.observe(box)
    return () => {
      stopPainting()
      resizes.disconnect()
      shown.setInView(false)
    }
  }, [inView, plan, session])

  useEffect(
    () => () => {
      chart.current?.dispose()
      chart.current = undefined
    },
    [plan, session],
  )

  const colors = palette.value
  useEffect(() => chart.current?.recolor(), [colors])

  return (
    <article class="chart-card">
      <h3>{plan.title}</h3>
      <div class="legend" ref={legend} />
      <div class="plot" ref={plot} />
    </article>
  )
}
