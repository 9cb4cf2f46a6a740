import { close, open, read } from 'node:fs'

const RETRY_MS = 10_000
const NUMBER_BYTES = 32
const NUMBER = /^-?\d{1,15}\s*$/

/**
 * A file of /sys with one whole number, behind a bus that may be slow or stuck: opened and read off the main thread, never
 * twice at a time. The file stays open between reads.
 */
export class SlowNumber implements Disposable {
  readonly path: string
  /** What the file held at `measuredMs`, NaN if it held no number then. */
  value: number = Number.NaN
  measuredMs: number = Number.NEGATIVE_INFINITY
  readonly #buffer = Buffer.alloc(NUMBER_BYTES)
  #descriptor: number | undefined
  #retryAtMs = Number.NEGATIVE_INFINITY
  #busy = false
  #disposed = false

  constructor(path: string) {
    this.path = path
  }

  /** Reads the file anew and calls `done` when that is over, well or badly. Nothing is called if a read is under way. */
  refresh(monoMs: number, done: () => void): void {
    if (this.#busy || this.#disposed) return
    if (this.#descriptor === undefined && monoMs < this.#retryAtMs) {
      done()
      return
    }
    this.#busy = true
    const finish = (): void => {
      this.#busy = false
      if (this.#disposed) this.#closeFile()
      done()
    }
    if (this.#descriptor !== undefined) {
      this.#readFrom(this.#descriptor, monoMs, finish)
      return
    }
    open(this.path, 'r', (error, descriptor) => {
      if (error !== null) {
        this.#failed(monoMs)
        finish()
        return
      }
      this.#descriptor = descriptor
      this.#readFrom(descriptor, monoMs, finish)
    })
  }

  [Symbol.dispose](): void {
    this.#disposed = true
    if (!this.#busy) this.#closeFile()
  }

  #readFrom(descriptor: number, monoMs: number, finish: () => void): void {
    read(descriptor, this.#buffer, 0, NUMBER_BYTES, 0, (error, bytesRead) => {
      if (error === null) {
        const text = this.#buffer.toString('latin1', 0, bytesRead)
        this.value = NUMBER.test(text) ? Number(text) : Number.NaN
        this.measuredMs = monoMs
      } else {
        this.#failed(monoMs)
      }
      finish()
    })
  }

  /** A chip that was unbound and bound again has new files under the same names: the descriptor is of no use any more. */
  #failed(monoMs: number): void {
    this.value = Number.NaN
    this.measuredMs = monoMs
    this.#retryAtMs = monoMs + RETRY_MS
    this.#closeFile()
  }

  #closeFile(): void {
    if (this.#descriptor === undefined) return
    close(this.#descriptor, () => {})
    this.#descriptor = undefined
  }
}
