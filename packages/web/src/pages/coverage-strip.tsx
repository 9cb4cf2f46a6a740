import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { causeText } from '../format/cause.ts'
import { formatDuration, formatSpan } from '../format/time.ts'
import type { CollectorSession } from '../state/collector-session.ts'
import { coveredSpans, missingMs, type Span } from '../state/coverage.ts'
import { useApp } from './app-context.ts'

/** One thin line over the charts: where ticks are stored, where they will never be, and where they may still come. */
export function CoverageStrip({ session }: { session: CollectorSession }): JSX.Element {
  const { clock, palette } = useApp()
  const canvas = useRef<HTMLCanvasElement>(null)
  const colors = palette.value
  useEffect(() => {
    const paint = (): void => {
      if (canvas.current !== null) drawStrip(canvas.current, session)
    }
    paint()
    return session.onPaint(paint)
  }, [session, colors])
  const span = session.spanMs.value
  const gaps = session.gaps.value.filter((gap) => gap.toMs > span[0] && gap.fromMs < span[1])
  const [first] = gaps
  const lost = missingMs(gaps, span)
  return (
    <div class="coverage">
      <canvas ref={canvas} />
      {first !== undefined && lost >= 500 && (
        <details>
          <summary>
            {formatDuration(lost)} missing in {gaps.length === 1 ? 'one gap' : `${gaps.length} gaps`}
          </summary>
          <ul>
            {gaps.map((gap) => (
              <li key={`${gap.run}-${gap.fromMs}`}>
                <button
                  type="button"
                  class="link"
                  title="Zoom to this gap"
                  onClick={() => session.setView({ mode: 'fixed', ...around([gap.fromMs, gap.toMs]) })}
                >
                  {formatSpan(gap.fromMs, gap.toMs, clock.nowMs())}
                </button>
                <b>{causeText(gap.cause)}</b>
                <span>{formatDuration(gap.toMs - gap.fromMs)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

function around([fromMs, toMs]: Span): { fromMs: number; toMs: number } {
  const margin = Math.max((toMs - fromMs) * 0.5, 30_000)
  return { fromMs: fromMs - margin, toMs: toMs + margin }
}

function drawStrip(canvas: HTMLCanvasElement, session: CollectorSession): void {
  const width = Math.round(canvas.clientWidth * devicePixelRatio)
  const height = Math.round(canvas.clientHeight * devicePixelRatio)
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  const ctx = canvas.getContext('2d')
  if (ctx === null) return
  const { frame, viewMs, gaps } = session.scene
  const style = getComputedStyle(canvas)
  const xOf = (timestampMs: number): number => ((timestampMs - viewMs[0]) / (viewMs[1] - viewMs[0])) * width
  const fill = (color: string, [fromMs, toMs]: Span, leastPx: number): void => {
    ctx.fillStyle = color
    ctx.fillRect(xOf(fromMs), 0, Math.max(xOf(toMs) - xOf(fromMs), leastPx), height)
  }
  ctx.clearRect(0, 0, width, height)
  for (const span of coveredSpans(frame)) fill(style.getPropertyValue('--covered'), span, 1)
  for (const gap of gaps) fill(style.getPropertyValue('--gap'), [gap.fromMs, gap.toMs], 2)
}
