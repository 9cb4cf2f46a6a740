import type { Theme } from './theme.ts'

/** Colors that canvases draw with, read from the style sheet so that there is one place for each theme's colors. */
export interface Palette {
  readonly theme: Theme
  readonly series: readonly string[]
  readonly text: string
  readonly grid: string
  readonly hatch: string
  readonly surface: string
  readonly heat: readonly string[]
}

const SERIES_COLORS = 8
const HEAT_STEPS = 24

/** The colors as they are while `theme` is set on `element`. */
export function readPalette(element: Element, theme: Theme): Palette {
  const style = getComputedStyle(element)
  const read = (name: string): string => style.getPropertyValue(name).trim()
  const stops = ['--heat-0', '--heat-1', '--heat-2', '--heat-3'].map(read).map(parseHex)
  return {
    theme,
    series: Array.from({ length: SERIES_COLORS }, (_, i) => read(`--series-${i}`)),
    text: read('--text-faint'),
    grid: read('--chart-grid'),
    hatch: read('--hatch'),
    surface: read('--surface'),
    heat: Array.from({ length: HEAT_STEPS }, (_, i) => mix(stops, i / (HEAT_STEPS - 1))),
  }
}

export function seriesColor(palette: Palette, index: number): string {
  return palette.series[index % palette.series.length] as string
}

/** `color` is #rrggbb. */
export function translucent(color: string, alpha: number): string {
  const [red, green, blue] = parseHex(color)
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`
}

type Rgb = [number, number, number]

function parseHex(color: string): Rgb {
  const number = Number.parseInt(color.slice(1), 16)
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255]
}

function mix(stops: readonly Rgb[], position: number): string {
  const scaled = position * (stops.length - 1)
  const index = Math.min(Math.floor(scaled), stops.length - 2)
  const [from, to] = [stops[index] as Rgb, stops[index + 1] as Rgb]
  const part = scaled - index
  const channel = (i: 0 | 1 | 2): number => Math.round(from[i] + (to[i] - from[i]) * part)
  return `rgb(${channel(0)}, ${channel(1)}, ${channel(2)})`
}
