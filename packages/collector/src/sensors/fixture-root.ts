import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Sensor } from './sensor.ts'

/** For tests: the root of a captured machine, see fixtures/README.md. Not to be written to. */
export function fixtureRoot(host: string): string {
  return join(import.meta.dirname, '../../fixtures', host)
}

/** For tests: a copy of a captured machine that goes away with the test. */
export class EditableRoot {
  readonly path: string

  constructor(context: TestContext, host: string) {
    this.path = mkdtempSync(join(tmpdir(), 'godwit-sensors-'))
    context.after(() => rmSync(this.path, { recursive: true, force: true }))
    cpSync(fixtureRoot(host), this.path, { recursive: true, verbatimSymlinks: true })
  }

  /** Writes the file in place, so that whoever holds it open sees the new text. */
  edit(file: string, change: (text: string) => string): void {
    writeFileSync(join(this.path, file), change(readFileSync(join(this.path, file), 'utf8')))
  }

  write(file: string, content: string | Uint8Array): void {
    writeFileSync(join(this.path, file), content)
  }

  remove(file: string): void {
    rmSync(join(this.path, file), { recursive: true })
  }
}

/** For tests: what a sensor gives at `monoMs`, by the names of its series; null is "none". */
export function valuesOf(sensor: Sensor, monoMs: number): Record<string, number | null> {
  const margin = 1
  const values = new Float64Array(sensor.series.length + 2 * margin).fill(-1)
  sensor.read(values, margin, monoMs)
  if (values[0] !== -1 || values.at(-1) !== -1) throw new Error(`${sensor.name} wrote outside of its place`)
  return Object.fromEntries(
    sensor.series.map((series, index) => {
      const value = values[margin + index] as number
      return [series.name, Number.isNaN(value) ? null : value]
    }),
  )
}

/** For tests: the same with all values "none". */
export function noneOf(sensor: Sensor): Record<string, null> {
  return Object.fromEntries(sensor.series.map((series) => [series.name, null]))
}
