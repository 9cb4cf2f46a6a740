import type { Locator, Page } from 'playwright-core'

/** What one place of a chart tells when the cursor is there. */
export interface ToldRow {
  /** HH:MM:SS, as the tag at the cursor says. */
  readonly time: string
  /** By the name in the legend: the number as it is written, without its unit; undefined for a dash. */
  readonly values: Readonly<Record<string, number | undefined>>
}

/** A chart of a collector's page, read as people read it: by its legend, its cursor and its pixels. */
export class ShownChart {
  readonly #page: Page
  readonly #card: Locator

  constructor(page: Page, title: string) {
    this.#page = page
    this.#card = page.locator('.chart-card').filter({ has: page.getByRole('heading', { name: title, exact: true }) })
  }

  /** The legend as it stands: at the newest second, while the cursor is elsewhere. */
  async legend(): Promise<ToldRow['values']> {
    return (await this.#told()).values
  }

  /** What the cursor finds at each pixel from `fromRatio` of the width to the right edge. */
  async sweep(fromRatio: number): Promise<ToldRow[]> {
    const plot = this.#card.locator('.u-over')
    await plot.scrollIntoViewIfNeeded()
    const box = await plot.boundingBox()
    if (box === null) throw new Error('the chart is not shown')
    const rows: ToldRow[] = []
    for (let x = Math.floor(box.width * fromRatio); x < box.width; x++) {
      await this.#page.mouse.move(box.x + x, box.y + box.height / 2)
      rows.push(await this.#told())
    }
    await this.#page.mouse.move(0, 0)
    return rows
  }

  /** How many colours its canvas holds: one or two where nothing is drawn. */
  async colors(): Promise<number> {
    return this.#card.locator('canvas').evaluate(countColors)
  }

  #told(): Promise<ToldRow> {
    return this.#card.evaluate((card) => {
      const values: Record<string, number | undefined> = {}
      for (const item of card.querySelectorAll('.legend-item')) {
        const number = Number.parseFloat(item.querySelector('b')?.textContent ?? '')
        values[item.querySelector('span')?.textContent ?? ''] = Number.isNaN(number) ? undefined : number
      }
      return { time: card.querySelector('.cursor-tag')?.textContent?.slice(0, 8) ?? '', values }
    })
  }
}

/** For Locator.evaluate on a canvas. Reads a copy: reading the canvas itself would make the browser draw it another way. */
export function countColors(canvas: SVGElement | HTMLElement): number {
  const { width, height } = canvas as HTMLCanvasElement
  if (width === 0 || height === 0) return 0
  const copy = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d', {
    willReadFrequently: true,
  })
  if (copy === null) return 0
  copy.drawImage(canvas as HTMLCanvasElement, 0, 0)
  return new Set(new Uint32Array(copy.getImageData(0, 0, width, height).data.buffer)).size
}
