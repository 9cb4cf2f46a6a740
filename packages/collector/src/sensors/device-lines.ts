/**
 * Tells which device a line of a table such as /proc/diskstats speaks of. Fast path: the kernel lists devices in the same
 * order each time, so one comparison with the name expected next is enough; only when it differs are all names searched.
 */
export class DeviceLines {
  readonly #names: readonly Uint8Array[]
  readonly #devices: readonly number[]
  #next = 0

  /** `names` of all lines in their order, the very bytes, and for each the number of its device, -1 where nobody asked for it. */
  constructor(names: readonly Uint8Array[], devices: readonly number[]) {
    this.#names = names
    this.#devices = devices
  }

  /** Before the first line of the table. */
  restart(): void {
    this.#next = 0
  }

  /** The number of the device named by bytes[start..end), -1 if nobody asked for it. */
  deviceAt(bytes: Uint8Array, start: number, end: number): number {
    if (!isName(this.#names[this.#next], bytes, start, end)) {
      const found = this.#names.findIndex((name) => isName(name, bytes, start, end))
      if (found === -1) return -1
      this.#next = found
    }
    return this.#devices[this.#next++] as number
  }
}

function isName(name: Uint8Array | undefined, bytes: Uint8Array, start: number, end: number): boolean {
  if (name === undefined || name.length !== end - start) return false
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return false
  return true
}
