import { readdirSync, readFileSync } from 'node:fs'

/** /proc counts processor time in hundredths of a second on every Linux that Node runs on (USER_HZ). */
const MS_PER_TICK = 10
const KIB_PER_MB = 1000 / 1.024

export interface ProcessMemory {
  readonly rssMb: number
  /**
   * Private_Dirty: what the process wrote and nobody else has. Clean pages of the program's own file are left out: whether they count as
   * private depends on whether another process happens to run the same program.
   */
  readonly privateMb: number
}

/** User and system time of every thread of the process so far, those that ended included. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field, the program's name, may hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK
}

/** As `cpuMs`, of the threads that live, to the microsecond; undefined where the kernel was built without SCHED_INFO. */
export function fineCpuMs(pid: number): number | undefined {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const nanoseconds = threads.map((thread) =>
      Number.parseInt(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'), 10),
    )
    return nanoseconds.reduce((sum, ns) => sum + ns, 0) / 1e6
  } catch {
    return undefined
  }
}

/** Megabytes of 10^6 bytes. */
export function processMemory(pid: number): ProcessMemory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const kib = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? Number.NaN)
  return {
    rssMb: kib('Rss') / KIB_PER_MB,
    privateMb: kib('Private_Dirty') / KIB_PER_MB,
  }
}
