import { readdirSync } from 'node:fs'
import { type Series, seriesOf } from '@godwit/protocol'
import type { Sensor } from './sensor.ts'

const PROCESS_DIRECTORY = /^\d+$/

/**
 * The number of processes. The kernel gives it nowhere but as the directories of /proc, and listing 100 of them costs as
 * much as all other sensors together: counted in the rescan every ten seconds, and held in between.
 */
export class ProcessesSensor implements Sensor {
  readonly name = 'processes'
  readonly series: readonly Series[] = [seriesOf('processes')]
  readonly #directory: string
  #count = Number.NaN

  constructor(root: string) {
    this.#directory = `${root}/proc`
    this.rescan()
  }

  read(values: Float64Array, offset: number): void {
    values[offset] = this.#count
  }

  rescan(): boolean {
    this.#count = countProcesses(this.#directory)
    return false
  }

  [Symbol.dispose](): void {}
}

function countProcesses(directory: string): number {
  try {
    return readdirSync(directory).filter((name) => PROCESS_DIRECTORY.test(name)).length
  } catch {
    return Number.NaN
  }
}
