import { formatCollectorId } from '@godwit/protocol'
import type { CollectorError } from './errors.ts'
import { hostFacts, hostName } from './host-facts.ts'
import type { CollectorOptions } from './options.ts'
import { MemoryQueue } from './queue/memory-queue.ts'
import { createSensors } from './sensors/all-sensors.ts'
import { TaskRunner } from './task-runner.ts'
import type { Clock } from './tick/clock.ts'
import { Recorder } from './tick/recorder.ts'
import { Sampler } from './tick/sampler.ts'
import { Uplink, type UplinkChange } from './uplink/uplink.ts'

export interface CollectorSetup {
  readonly options: CollectorOptions
  /** The collector's UUID. */
  readonly id: Uint8Array
  /** 48 random bits, drawn at this start. */
  readonly run: number
  readonly clock: Clock
  readonly random: () => number
  readonly platform: NodeJS.Platform
  readonly log: (level: 'info' | 'warn', area: string, message: string) => void
  /** The first tick was taken. */
  readonly onSampling: () => void
  /** All that is needed once only has been done: a moment, right after a tick, for giving its memory back. */
  readonly onSettled: () => void
  /** The server told the collector to stop. */
  readonly onShutdown: () => void
}

const DEFAULT_BACKOFF_CAP_MS = 300_000
/** By then each sensor has looked for new devices once, and a batch was sent at the default flush interval. */
const SETTLED_TICKS = 15

/** Wires the stages in the order in which a tick passes them: sensors, sampler, recorder, queue, uplink. */
export class Collector {
  readonly #sampling = new AbortController()
  readonly #uplink: Uplink

  constructor(setup: CollectorSetup) {
    const { options, id, run, clock, random, platform, log } = setup
    const queue = new MemoryQueue(run, options.queueBytes)
    const recorder = new Recorder(queue, options.intervalMs, (error) =>
      log('warn', 'recorder', `${error.message}; ticks are dropped until this is over`),
    )
    const tasks = new TaskRunner(setup)
    let ticks = 0
    let missedTicks = 0
    const selfStats = () => {
      const { owedTicks, evictedTicks } = queue.counts
      return { queueTicks: owedTicks, evictedTicks, missedTicks }
    }
    const uplink = new Uplink({
      server: options.server,
      collector: id,
      name: options.name ?? hostName(),
      software: options.software,
      host: hostFacts(),
      intervalMs: options.intervalMs,
      flushMs: options.flushMs,
      backoffCapMs: options.backoffCapMs ?? DEFAULT_BACKOFF_CAP_MS,
      queue,
      clock,
      random,
      onChange: (change) => logChange(change, options, log),
      onTask: (task) => tasks.run(task),
    })
    const sampler = new Sampler({
      sensors: createSensors({ platform, intervalMs: options.intervalMs, selfStats }),
      clock,
      intervalMs: options.intervalMs,
      signal: this.#sampling.signal,
      onSensorError: (sensor, error) => log('warn', 'sensor', `${sensor} failed: ${String(error)}`),
      onSample: (sample) => {
        missedTicks += sample.missed
        if (!recorder.record(sample, sampler.series)) missedTicks++
        uplink.ticked()
        ticks++
        if (ticks === 1) setup.onSampling()
        if (ticks === SETTLED_TICKS) setup.onSettled()
      },
    })
    this.#uplink = uplink
    log('info', 'collector', `sampling as ${formatCollectorId(id)}, every ${options.intervalMs} ms`)
    sampler.start()
  }

  /** Stops sampling, then sends what is left if the server takes it within seconds. */
  async stop(): Promise<void> {
    this.#sampling.abort()
    await this.#uplink.stop()
  }
}

function logChange(change: UplinkChange, options: CollectorOptions, log: CollectorSetup['log']): void {
  const { host, port } = options.server
  if (change.state === 'connected') {
    log('info', 'uplink', `connected to ${host}:${port}`)
    return
  }
  log('warn', 'uplink', `${host}:${port}: ${describe(change.error)}; ticks are queued`)
}

function describe(error: CollectorError): string {
  return error.hint === undefined ? error.message : `${error.message} (${error.hint})`
}
