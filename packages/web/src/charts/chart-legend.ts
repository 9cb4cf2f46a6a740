import { formatValue } from '../format/value.ts'
import { type Palette, seriesColor } from '../theme/palette.ts'
import type { DrawnColumn } from './chart-frame.ts'
import type { ChartPlan } from './chart-plan.ts'

interface Entry {
  readonly swatch: HTMLElement
  readonly name: Text
  readonly value: Text
}

/**
 * Names and values of a chart's lines in one row of the row's host. It changes with each move of the cursor, so it writes
 * into text nodes that it made once. A heat map tells its mean and its hottest row, however many rows it has.
 */
export class ChartLegend {
  readonly #plan: ChartPlan
  readonly #entries: Entry[]

  constructor(host: HTMLElement, plan: ChartPlan) {
    this.#plan = plan
    const names = plan.draw === 'heat' ? ['mean', 'busiest'] : plan.lines.map((line) => line.name)
    this.#entries = names.map((name) => addEntry(host, name))
  }

  recolor(palette: Palette): void {
    this.#plan.lines.forEach((line, i) => {
      const swatch = this.#entries[i]?.swatch
      if (swatch === undefined) return
      swatch.style.background = seriesColor(palette, line.color)
      swatch.classList.toggle('mirrored', line.mirrored)
      swatch.hidden = this.#plan.draw === 'heat'
    })
  }

  /** `row` null: nothing to tell. */
  tell(columns: readonly DrawnColumn[], row: number | null): void {
    const values = columns.map((column) => (row === null ? null : (column[row] ?? null)))
    if (this.#plan.draw === 'heat') {
      this.#tellHeat(values)
      return
    }
    values.forEach((value, i) => {
      const entry = this.#entries[i]
      if (entry !== undefined) entry.value.data = formatValue(value, this.#plan.unit)
    })
  }

  #tellHeat(values: readonly (number | null)[]): void {
    const known = values.filter((value) => value !== null)
    const [mean, busiest] = this.#entries as [Entry, Entry]
    const highest = known.length === 0 ? null : Math.max(...known)
    mean.value.data = formatValue(
      known.length === 0 ? null : known.reduce((a, b) => a + b) / known.length,
      this.#plan.unit,
    )
    busiest.value.data = formatValue(highest, this.#plan.unit)
    busiest.name.data =
      highest === null ? 'busiest' : `busiest: core ${this.#plan.lines[values.indexOf(highest)]?.name}`
  }
}

function addEntry(host: HTMLElement, label: string): Entry {
  const item = document.createElement('span')
  item.className = 'legend-item'
  const swatch = document.createElement('i')
  const name = document.createElement('span')
  const value = document.createElement('b')
  const nameText = document.createTextNode(label)
  const valueText = document.createTextNode('–')
  name.append(nameText)
  value.append(valueText)
  item.append(swatch, name, value)
  host.append(item)
  return { swatch, name: nameText, value: valueText }
}
