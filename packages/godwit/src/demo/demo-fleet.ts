import { hash } from 'node:crypto'
import { MACHINE_ROLES, type MachineRole } from './machine-role.ts'

/** Seconds of unix time, the end not included. */
export interface Stretch {
  readonly fromS: number
  readonly toS: number
}

/** One simulated collector: what it is, and when it was there. */
export interface DemoCollector {
  /** 16 bytes. */
  readonly id: Uint8Array
  readonly name: string
  readonly role: MachineRole
  readonly seed: number
  readonly protocol: 1 | 2
  /** When its machine was on, oldest first: one run each. The last one goes on live if `isLive`. */
  readonly runs: readonly (Stretch & { readonly run: number })[]
  readonly isLive: boolean
}

/** Places in the fleet whose machines have a story. */
const GAP_AT = 3
const OFFLINE_AT = 4
const VERSION_1_AT = 5

/** `count` collectors, whose past begins at `fromS` and ends now, at `nowS`. The same seed makes the same ones. */
export function demoFleet(count: number, seed: number, fromS: number, nowS: number): DemoCollector[] {
  return Array.from({ length: count }, (_, at) => {
    const role = MACHINE_ROLES[at % MACHINE_ROLES.length] as MachineRole
    const number = Math.floor(at / MACHINE_ROLES.length) + 1
    const bytes = hash('sha256', `godwit demo ${seed} ${at}`, 'buffer')
    const runs = stretchesOf(at, fromS, nowS).filter(({ fromS, toS }) => fromS < toS || toS === nowS)
    return {
      id: uuidOf(bytes),
      name: `${role.name}-${number}`,
      role,
      seed: bytes.readUInt32LE(20),
      protocol: at === VERSION_1_AT ? 1 : 2,
      runs: runs.map((stretch, index) => ({ ...stretch, run: bytes.readUIntLE(24, 6) - index })),
      isLive: at !== OFFLINE_AT,
    }
  })
}

/** The gateway had no power for a while, the boat is out at sea, all others were always there. */
function stretchesOf(at: number, fromS: number, nowS: number): Stretch[] {
  const atPart = (part: number): number => Math.floor(fromS + (nowS - fromS) * part)
  if (at === GAP_AT)
    return [
      { fromS, toS: atPart(0.55) },
      { fromS: atPart(0.68), toS: nowS },
    ]
  if (at === OFFLINE_AT) return [{ fromS, toS: atPart(0.8) }]
  return [{ fromS, toS: nowS }]
}

/** A UUID of version 8: made of a hash. */
function uuidOf(bytes: Uint8Array): Uint8Array {
  const id = bytes.slice(0, 16)
  id[6] = 0x80 | ((id[6] as number) & 0x0f)
  id[8] = 0x80 | ((id[8] as number) & 0x3f)
  return new Uint8Array(id)
}
