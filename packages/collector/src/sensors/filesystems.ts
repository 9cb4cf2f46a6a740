import { readFileSync, type StatsFs, statfs } from 'node:fs'
import type { Series } from '@godwit/protocol'
import { deviceLabel } from './device-label.ts'
import { labelledSeries, sameSeries } from './labelled-series.ts'
import { diskMounts } from './mounts.ts'
import { MAX_EXACT, type Sensor } from './sensor.ts'

const METRICS = ['filesystem_size_bytes', 'filesystem_used_bytes', 'filesystem_inodes', 'filesystem_inodes_used']
const REFRESH_MS = 10_000
const STALE_MS = 30_000
const STALE_TICKS = 3
const MAX_MOUNTS = 64
/** A call that hangs keeps one of the four threads on which Node does all its file work: the queue needs the others. */
const MAX_CALLS = 2

/** What `statfs` gives, bytes and counts. */
export type StatFs = (
  path: Buffer,
  done: (error: Error | null, stats: Pick<StatsFs, 'bsize' | 'blocks' | 'bfree' | 'files' | 'ffree'>) => void,
) => void

interface Filesystem {
  /** The bytes of the mount's path, which may be in any encoding, as latin1. */
  readonly path: string
  readonly label: string
  readonly series: readonly Series[]
  readonly values: Float64Array
  measuredMs: number
  askedMs: number
  asking: boolean
}

/**
 * Size and inodes of each file system on a disk. They are asked for every ten seconds, off the main thread and never twice
 * at a time, since even a disk that is dying may never answer; an answer older than thirty seconds (or three ticks, where they are rarer) is "none".
 */
export class FilesystemsSensor implements Sensor {
  readonly name = 'filesystems'
  series: readonly Series[] = []
  readonly #root: string
  readonly #staleMs: number
  readonly #statfs: StatFs
  #filesystems: readonly Filesystem[] = []
  #calls = 0

  constructor(root: string, intervalMs: number, ask: StatFs = statfs) {
    this.#root = root
    this.#staleMs = Math.max(STALE_MS, STALE_TICKS * intervalMs)
    this.#statfs = ask
    this.rescan()
  }

  read(values: Float64Array, offset: number, monoMs: number): void {
    let at = offset
    for (const filesystem of this.#filesystems) {
      if (monoMs - filesystem.measuredMs <= this.#staleMs) values.set(filesystem.values, at)
      else values.fill(Number.NaN, at, at + METRICS.length)
      at += METRICS.length
      if (monoMs - filesystem.askedMs >= REFRESH_MS) this.#refresh(filesystem, monoMs)
    }
  }

  rescan(): boolean {
    const text = readText(`${this.#root}/proc/self/mounts`)
    if (text === undefined) return false
    const known = new Map(this.#filesystems.map((filesystem) => [filesystem.path, filesystem]))
    const byLabel = new Map<string, Filesystem>()
    for (const { path } of diskMounts(text).slice(0, MAX_MOUNTS)) {
      const filesystem = known.get(path) ?? createFilesystem(path)
      // Two paths may read alike in two encodings; a schema takes no series twice.
      if (filesystem !== undefined && !byLabel.has(filesystem.label)) byLabel.set(filesystem.label, filesystem)
    }
    this.#filesystems = [...byLabel.values()]
    const series = this.#filesystems.flatMap((filesystem) => filesystem.series)
    if (sameSeries(series, this.series)) return false
    this.series = series
    return true
  }

  [Symbol.dispose](): void {}

  #refresh(filesystem: Filesystem, monoMs: number): void {
    if (filesystem.asking || this.#calls >= MAX_CALLS) return
    filesystem.asking = true
    filesystem.askedMs = monoMs
    this.#calls++
    const path = Buffer.concat([Buffer.from(this.#root), Buffer.from(filesystem.path, 'latin1')])
    this.#statfs(path, (error, stats) => {
      this.#calls--
      filesystem.asking = false
      if (error !== null) return
      // Dated by the question: the answer may have been long under way.
      filesystem.measuredMs = monoMs
      filesystem.values[0] = exact(stats.blocks * stats.bsize)
      filesystem.values[1] = exact((stats.blocks - stats.bfree) * stats.bsize)
      // btrfs and vfat count no inodes and say 0.
      filesystem.values[2] = stats.files > 0 ? exact(stats.files) : Number.NaN
      filesystem.values[3] = stats.files > 0 ? exact(stats.files - stats.ffree) : Number.NaN
    })
  }
}

function createFilesystem(path: string): Filesystem | undefined {
  const label = deviceLabel(Buffer.from(path, 'latin1'))
  const series = labelledSeries(METRICS, 'mount', label)
  if (series === undefined) return undefined
  const values = new Float64Array(METRICS.length).fill(Number.NaN)
  const never = Number.NEGATIVE_INFINITY
  return { path, label, series, values, measuredMs: never, askedMs: never, asking: false }
}

function exact(value: number): number {
  return value > MAX_EXACT ? Number.NaN : value
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
