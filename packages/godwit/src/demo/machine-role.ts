import type { Noise } from './noise.ts'

/** What a machine is asked to do in one second. */
export interface Load {
  /** Of all processors, 0..1. */
  readonly userRatio: number
  readonly systemRatio: number
  readonly iowaitRatio: number
  /** Of its memory, 0..1. */
  readonly memoryRatio: number
  readonly readBytes: number
  readonly writtenBytes: number
  readonly receivedBytes: number
  readonly sentBytes: number
  readonly celsius: number
}

export interface Hardware {
  readonly cpus: number
  readonly arch: 'x64' | 'arm64'
  readonly memoryBytes: number
  readonly diskBytes: number
  readonly device: string
  readonly interface: string
}

export interface MachineRole {
  readonly name: string
  readonly hardware: Hardware
  readonly load: (timeS: number, noise: Noise) => Load
}

const KB = 1e3
const MB = 1e6
const GIB = 2 ** 30
const DAY_S = 86_400

const PI: Hardware = {
  cpus: 4,
  arch: 'arm64',
  memoryBytes: 2 * GIB,
  diskBytes: 32e9,
  device: 'mmcblk0',
  interface: 'eth0',
}
const RACK: Hardware = {
  cpus: 8,
  arch: 'x64',
  memoryBytes: 32 * GIB,
  diskBytes: 512e9,
  device: 'nvme0n1',
  interface: 'enp1s0',
}
const BOX: Hardware = {
  cpus: 4,
  arch: 'x64',
  memoryBytes: 8 * GIB,
  diskBytes: 128e9,
  device: 'sda',
  interface: 'enp2s0',
}

/** 0 at four in the morning, 1 at four in the afternoon. */
function dayCurve(timeS: number): number {
  return 0.5 - 0.5 * Math.cos((2 * Math.PI * (timeS - 4 * 3600)) / DAY_S)
}

/** Seconds since the last multiple of `everyS`. */
function since(timeS: number, everyS: number): number {
  return ((timeS % everyS) + everyS) % everyS
}

/** Visitors by day, few by night, and now and then a crowd. */
function webServer(timeS: number, noise: Noise): Load {
  const crowd = noise.happens(1, timeS, 600, 0.07) ? 1.2 + noise.smooth(2, timeS, 120) : 1
  const visitors = (0.08 + 0.5 * dayCurve(timeS)) * (0.6 + 0.8 * noise.smooth(3, timeS, 240)) * crowd
  const busy = Math.min(0.9, visitors * (0.85 + 0.3 * noise.white(4, timeS)))
  return {
    userRatio: 0.7 * busy,
    systemRatio: 0.2 * busy,
    iowaitRatio: 0.004 * noise.white(5, timeS),
    memoryRatio: 0.42 + 0.12 * visitors + 0.04 * noise.smooth(6, timeS, 1800),
    readBytes: 40 * KB * busy * noise.white(7, timeS),
    writtenBytes: 600 * KB * busy,
    receivedBytes: 2 * MB * busy,
    sentBytes: 24 * MB * busy * (0.9 + 0.2 * noise.white(8, timeS)),
    celsius: 38 + 30 * visitors,
  }
}

/** A checkpoint every five minutes, and a vacuum on the hour that makes everybody wait. */
function database(timeS: number, noise: Noise): Load {
  const checkpointS = since(timeS, 300)
  const checkpoint = checkpointS < 25 ? 1 - checkpointS / 40 : 0
  const vacuum = since(timeS, 3600) < 180 ? 1 : 0
  const queries = (0.15 + 0.2 * dayCurve(timeS)) * (0.7 + 0.6 * noise.smooth(1, timeS, 180))
  return {
    userRatio: queries + 0.15 * vacuum,
    systemRatio: 0.3 * queries + 0.12 * checkpoint,
    iowaitRatio: 0.02 + 0.28 * checkpoint * noise.smooth(2, timeS, 4) + 0.2 * vacuum,
    memoryRatio: 0.78 + 0.03 * noise.smooth(3, timeS, 3600),
    readBytes: 3 * MB * queries + 60 * MB * vacuum * (0.7 + 0.3 * noise.white(4, timeS)),
    writtenBytes: 2 * MB * queries + 180 * MB * checkpoint * (0.6 + 0.4 * noise.white(5, timeS)),
    receivedBytes: 3 * MB * queries,
    sentBytes: 9 * MB * queries,
    celsius: 41 + 18 * queries + 6 * checkpoint,
  }
}

/** Next to nothing to do under a glass roof: the sun is all that happens to it. */
function greenhousePi(timeS: number, noise: Noise): Load {
  const cron = since(timeS, 60) < 2 ? 0.12 : 0
  const sun = Math.max(0, dayCurve(timeS) - 0.3) * (0.75 + 0.25 * noise.smooth(1, timeS, 900))
  return {
    userRatio: 0.006 + 0.01 * noise.white(2, timeS) + cron,
    systemRatio: 0.004 + 0.004 * noise.white(3, timeS),
    iowaitRatio: cron * 0.1,
    memoryRatio: 0.17 + 0.01 * noise.smooth(4, timeS, 3600),
    readBytes: 0,
    writtenBytes: since(timeS, 30) === 0 ? 96 * KB : 0,
    receivedBytes: 400 + 600 * noise.white(5, timeS),
    sentBytes: 300 + 400 * noise.white(6, timeS),
    celsius: 39 + 55 * sun + 1.5 * noise.smooth(7, timeS, 60),
  }
}

/** Carries what others send: its processor sees packets alone. */
function gateway(timeS: number, noise: Noise): Load {
  const traffic =
    (0.1 + 0.5 * dayCurve(timeS)) * (0.5 + noise.smooth(1, timeS, 90)) + (noise.happens(2, timeS, 45, 0.12) ? 0.4 : 0)
  return {
    userRatio: 0.02 + 0.02 * noise.white(3, timeS),
    systemRatio: 0.03 + 0.25 * traffic,
    iowaitRatio: 0,
    memoryRatio: 0.21 + 0.05 * noise.smooth(4, timeS, 2400),
    readBytes: 0,
    writtenBytes: since(timeS, 10) === 0 ? 40 * KB : 0,
    receivedBytes: 11 * MB * traffic * (0.9 + 0.2 * noise.white(5, timeS)),
    sentBytes: 10.8 * MB * traffic * (0.9 + 0.2 * noise.white(6, timeS)),
    celsius: 44 + 10 * traffic,
  }
}

/** Builds one job after the other while people work, and little else. */
function buildServer(timeS: number, noise: Noise): Load {
  const builds = noise.happens(1, timeS, 420, 0.25 + 0.5 * dayCurve(timeS))
  const links = builds && since(timeS, 420) > 340
  const busy = builds ? (links ? 0.14 : 0.93 + 0.06 * noise.white(2, timeS)) : 0.01 + 0.02 * noise.white(3, timeS)
  return {
    userRatio: 0.86 * busy,
    systemRatio: 0.12 * busy,
    iowaitRatio: links ? 0.08 * noise.white(4, timeS) : 0,
    memoryRatio: builds ? 0.35 + Math.min(0.5, since(timeS, 420) / 800) : 0.12,
    readBytes: builds ? 12 * MB * noise.white(5, timeS) : 0,
    writtenBytes: builds ? (links ? 140 * MB : 9 * MB) * noise.white(6, timeS) : 8 * KB,
    receivedBytes: builds && since(timeS, 420) < 20 ? 45 * MB * noise.white(7, timeS) : 3 * KB,
    sentBytes: links ? 8 * MB * noise.white(8, timeS) : 2 * KB,
    celsius: builds ? 78 + 4 * noise.smooth(9, timeS, 30) : 46,
  }
}

/** Backs others up every three hours, and spins otherwise. */
function fileServer(timeS: number, noise: Noise): Load {
  const backup = since(timeS, 3 * 3600) < 2400 ? 1 : 0
  const rate = 85 * MB * backup * (0.5 + 0.5 * noise.smooth(1, timeS, 20))
  return {
    userRatio: 0.02 + 0.12 * backup,
    systemRatio: 0.02 + 0.14 * backup * noise.smooth(2, timeS, 15),
    iowaitRatio: 0.3 * backup * noise.smooth(3, timeS, 8),
    memoryRatio: 0.55,
    readBytes: 20 * KB * noise.white(4, timeS),
    writtenBytes: rate + 12 * KB * noise.white(5, timeS),
    receivedBytes: rate * 1.03 + 2 * KB,
    sentBytes: rate * 0.02 + 2 * KB,
    celsius: 36 + 7 * backup,
  }
}

/** Writes what its cameras see, day and night; more when somebody walks by. */
function recorder(timeS: number, noise: Noise): Load {
  const motion = noise.happens(1, timeS, 40, 0.05 + 0.3 * dayCurve(timeS)) ? 1 : 0
  const rate = (1.1 + 2.4 * motion) * MB * (0.9 + 0.2 * noise.white(2, timeS))
  return {
    userRatio: 0.18 + 0.3 * motion,
    systemRatio: 0.06 + 0.03 * motion,
    iowaitRatio: 0.015 * noise.white(3, timeS),
    memoryRatio: 0.61 + 0.02 * noise.smooth(4, timeS, 1200),
    readBytes: 0,
    writtenBytes: rate,
    receivedBytes: rate * 1.06,
    sentBytes: 30 * KB,
    celsius: 57 + 6 * motion + 3 * dayCurve(timeS),
  }
}

/** A browser that shows a page, and forgets to give its memory back until it is restarted. */
function kiosk(timeS: number, noise: Noise): Load {
  const slide = since(timeS, 20) < 2 ? 0.35 : 0
  return {
    userRatio: 0.09 + slide + 0.03 * noise.white(1, timeS),
    systemRatio: 0.03 + 0.2 * slide,
    iowaitRatio: 0,
    memoryRatio: 0.38 + 0.5 * (since(timeS, 4 * 3600) / (4 * 3600)),
    readBytes: 0,
    writtenBytes: since(timeS, 5) === 0 ? 180 * KB : 0,
    receivedBytes: slide > 0 ? 700 * KB * noise.white(2, timeS) : 2 * KB,
    sentBytes: slide > 0 ? 30 * KB : KB,
    celsius: 52 + 8 * dayCurve(timeS) + 20 * slide * noise.white(3, timeS),
  }
}

/** In the order in which a fleet is made of them. */
export const MACHINE_ROLES: readonly MachineRole[] = [
  { name: 'web', hardware: RACK, load: webServer },
  { name: 'db', hardware: RACK, load: database },
  { name: 'greenhouse-pi', hardware: PI, load: greenhousePi },
  { name: 'gateway', hardware: BOX, load: gateway },
  { name: 'boat', hardware: PI, load: recorder },
  { name: 'pump', hardware: PI, load: greenhousePi },
  { name: 'build', hardware: RACK, load: buildServer },
  { name: 'nas', hardware: BOX, load: fileServer },
  { name: 'camera', hardware: BOX, load: recorder },
  { name: 'kiosk', hardware: PI, load: kiosk },
]
