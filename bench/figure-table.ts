import { type Figure, meetsTarget, type Target } from './figure.ts'

/** One line a figure, columns aligned: name, median, least to most of the runs, target and whether it is met. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    `${figure.bench} ${figure.figure}`,
    `${readable(figure.value)}${figure.unit === '' ? '' : ` ${figure.unit}`}`,
    spreadText(figure),
    targetText(figure),
  ])
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** What scripts read. */
export function figureJson({ bench, figure, value }: Figure): string {
  return JSON.stringify({ bench, figure, value })
}

function spreadText({ spread }: Figure): string {
  if (spread.runs === 1) return ''
  return `${readable(spread.min)} to ${readable(spread.max)} in ${spread.runs} runs`
}

function targetText(figure: Figure): string {
  if (figure.target === undefined) return ''
  return `${boundText(figure.target)}: ${meetsTarget(figure) ? 'met' : 'MISSED'}`
}

function boundText(target: Target): string {
  return 'atMost' in target ? `at most ${readable(target.atMost)}` : `at least ${readable(target.atLeast)}`
}

/** Three or four digits that count: 1.293, 12.4, 940, 31.2 M. */
function readable(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e6) return `${trim(value / 1e6, size >= 1e8 ? 0 : 1)} M`
  if (size >= 100) return trim(value, 0)
  if (size >= 10) return trim(value, 1)
  return trim(value, 3)
}

function trim(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)))
}
