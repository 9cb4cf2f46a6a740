import { DisksSensor } from './disks.ts'
import { FilesystemsSensor } from './filesystems.ts'
import { KernelStatSensor } from './kernel-stat.ts'
import { LoadSensor } from './load.ts'
import { MemorySensor } from './memory.ts'
import { NetworkSensor } from './network.ts'
import { OsSensor } from './os.ts'
import { PressureSensor } from './pressure.ts'
import { ProcessesSensor } from './processes.ts'
import { SelfSensor, type SelfStats } from './self.ts'
import type { Sensor } from './sensor.ts'
import { TemperaturesSensor } from './temperatures.ts'
import { TextScanner } from './text-scanner.ts'
import { UptimeSensor } from './uptime.ts'

export interface SensorOptions {
  /** Stands before /proc and /sys and the paths of mounts; '/' on a real machine. */
  readonly root?: string
  /** From one tick to the next; tells how old a value may be that is read in the background. */
  readonly intervalMs?: number
  readonly platform: NodeJS.Platform
  /** Called once a tick; the same object each time saves garbage. */
  readonly selfStats: () => SelfStats
}

/** All sensors for a machine, in the order of their series. The caller disposes of them. */
export function createSensors({ root = '/', intervalMs = 1000, platform, selfStats }: SensorOptions): Sensor[] {
  const self = new SelfSensor(selfStats)
  if (platform !== 'linux' && platform !== 'android') return [new OsSensor(platform), self]
  const prefix = root.replace(/\/+$/, '')
  const scanner = new TextScanner()
  return [
    new KernelStatSensor(prefix, scanner),
    new LoadSensor(prefix, scanner),
    new MemorySensor(prefix, scanner),
    new PressureSensor(prefix, 'cpu', scanner),
    new PressureSensor(prefix, 'memory', scanner),
    new PressureSensor(prefix, 'io', scanner),
    new DisksSensor(prefix, scanner),
    new FilesystemsSensor(prefix, intervalMs),
    new NetworkSensor(prefix, scanner),
    new TemperaturesSensor(prefix, intervalMs),
    new UptimeSensor(prefix, scanner),
    new ProcessesSensor(prefix),
    self,
  ]
}
