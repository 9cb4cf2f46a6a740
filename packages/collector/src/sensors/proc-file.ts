import { closeSync, openSync, readSync } from 'node:fs'
import type { TextScanner } from './text-scanner.ts'

/** How long a file that could not be opened or read is left alone. */
const RETRY_MS = 10_000

/**
 * A text file of the kernel, kept open and read from its start each time: a file of /proc is made anew by a read at
 * position 0. For files that never make their reader wait.
 */
export class ProcFile implements Disposable {
  readonly #path: string
  #descriptor: number | undefined
  #retryAtMs = Number.NEGATIVE_INFINITY

  constructor(path: string) {
    this.#path = path
  }

  /** Reads the whole file into `scanner` and puts it at the first line. False if the file gives nothing now. */
  read(scanner: TextScanner, monoMs: number): boolean {
    if (this.#descriptor === undefined && monoMs < this.#retryAtMs) return false
    try {
      this.#descriptor ??= openSync(this.#path, 'r')
      scanner.restart(readWhole(this.#descriptor, scanner))
    } catch {
      this.#retryAtMs = monoMs + RETRY_MS
      this[Symbol.dispose]()
      return false
    }
    return scanner.end > 0
  }

  [Symbol.dispose](): void {
    if (this.#descriptor === undefined) return
    const descriptor = this.#descriptor
    this.#descriptor = undefined
    try {
      closeSync(descriptor)
    } catch {
      // The descriptor is gone either way.
    }
  }
}

/** A seq_file of the kernel gives at most a page a read, however much room there is: only 0 bytes mean the end. */
function readWhole(descriptor: number, scanner: TextScanner): number {
  let length = 0
  for (;;) {
    if (length === scanner.bytes.length && !scanner.grow()) return length
    const got = readSync(descriptor, scanner.bytes, length, scanner.bytes.length - length, length)
    if (got === 0) return length
    length += got
  }
}
