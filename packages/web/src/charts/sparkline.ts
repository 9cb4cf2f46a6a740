import type { SparkScene } from '../state/spark-session.ts'
import { translucent } from '../theme/palette.ts'

/** Pixels above and below the line, so that its peaks are not cut. */
const INSET_PX = 2
const HOLE_STEPS = 1.75

/** Draws a line over a soft area; broken where there is nothing. Fits the canvas to its box in the page. */
export function drawSparkline(canvas: HTMLCanvasElement, scene: SparkScene, color: string, pixelRatio: number): void {
  const width = Math.round(canvas.clientWidth * pixelRatio)
  const height = Math.round(canvas.clientHeight * pixelRatio)
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  const ctx = canvas.getContext('2d')
  if (ctx === null || width === 0) return
  ctx.clearRect(0, 0, width, height)
  ctx.lineWidth = 1.25 * pixelRatio
  ctx.lineJoin = 'round'
  ctx.strokeStyle = color
  ctx.fillStyle = translucent(color, 0.15)
  const [low, high] = verticalRange(scene)
  const inset = INSET_PX * pixelRatio
  const xOf = (timestampMs: number): number => ((timestampMs - scene.fromMs) / (scene.toMs - scene.fromMs)) * width
  const yOf = (value: number): number => height - inset - ((value - low) / (high - low)) * (height - 2 * inset)
  for (const [first, last] of stretchesOf(scene)) {
    const line = new Path2D()
    for (let row = first; row <= last; row++)
      line.lineTo(xOf(scene.timestampsMs[row] as number), yOf(scene.values[row] as number))
    const area = new Path2D(line)
    area.lineTo(xOf(scene.timestampsMs[last] as number), height)
    area.lineTo(xOf(scene.timestampsMs[first] as number), height)
    ctx.fill(area)
    ctx.stroke(line)
  }
}

/** Runs of rows that have values and no hole between them: first and last row. */
function stretchesOf({ timestampsMs, values, stepMs }: SparkScene): [number, number][] {
  const stretches: [number, number][] = []
  let first = -1
  for (let row = 0; row <= values.length; row++) {
    const missing = row === values.length || Number.isNaN(values[row])
    const hole = row > 0 && (timestampsMs[row] as number) - (timestampsMs[row - 1] as number) > stepMs * HOLE_STEPS
    if (first !== -1 && (missing || hole)) {
      stretches.push([first, row - 1])
      first = -1
    }
    if (first === -1 && !missing) first = row
  }
  return stretches
}

function verticalRange({ plan, values }: SparkScene): [number, number] {
  let [low, high] = [plan.low, plan.high]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return [low, high]
}
