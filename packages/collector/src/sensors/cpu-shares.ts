/** user, nice, system, idle, iowait, irq, softirq, steal: the columns of /proc/stat. The guests' are part of user. */
export const CPU_TIMES = 8

/** Turns the running times of one processor into shares of the time since the read before. */
export class CpuShares {
  readonly #before = new Float64Array(CPU_TIMES).fill(Number.NaN)
  #readBefore = Number.NaN

  /**
   * Puts the shares user, system, iowait, irq, steal and idle, 0..1 each, into values[at..]; NaN where they cannot be known: at the first read, after reads in
   * which the processor was away (`read` numbers them), on bad numbers, and when no time went by.
   */
  put(times: Float64Array, read: number, values: Float64Array, at: number): void {
    const user = this.#moved(times, 0) + this.#moved(times, 1)
    const system = this.#moved(times, 2)
    const idle = this.#moved(times, 3)
    const iowait = this.#moved(times, 4)
    const irq = this.#moved(times, 5) + this.#moved(times, 6)
    const steal = this.#moved(times, 7)
    const all = user + system + idle + iowait + irq + steal
    const perTick = all > 0 && this.#readBefore === read - 1 ? 1 / all : Number.NaN
    this.#before.set(times)
    this.#readBefore = read
    values[at] = user * perTick
    values[at + 1] = system * perTick
    values[at + 2] = iowait * perTick
    values[at + 3] = irq * perTick
    values[at + 4] = steal * perTick
    values[at + 5] = idle * perTick
  }

  /** idle and iowait are known to step back a little (proc(5)), and all do after a reset: that is no time, not less. */
  #moved(times: Float64Array, index: number): number {
    return Math.max(0, (times[index] as number) - (this.#before[index] as number))
  }
}
