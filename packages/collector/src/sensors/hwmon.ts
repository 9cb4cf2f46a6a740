import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename } from 'node:path'
import { deviceLabel } from './device-label.ts'

/** A file that gives a temperature or a fan's speed. */
export interface HwmonInput {
  readonly metric: 'temperature_celsius' | 'fan_rpm'
  /** Chip and channel, such as `coretemp/Core 0`. Unique among the inputs of a metric. */
  readonly sensor: string
  readonly path: string
  /** The value in the metric's unit is the file's number divided by this. */
  readonly perUnit: number
}

const MILLIDEGREES = 1000
const CHANNEL = /^(temp|fan)(\d+)_input$/

/**
 * Finds the temperatures and fans below /sys/class (Documentation/hwmon/sysfs-interface.rst and
 * driver-api/thermal/sysfs-api.rst of the kernel): all of hwmon, and the thermal zones that no chip of hwmon stands for.
 * The order is that of the names, since the numbers of hwmonN and thermal_zoneN change from boot to boot.
 */
export function findHwmonInputs(root: string): HwmonInput[] {
  const chips = findChips(`${root}/sys/class/hwmon`)
  const inputs = chips.flatMap(chipInputs)
  const withTemperature = new Set(
    chips.filter((chip) => chip.channels.some(([, kind]) => kind === 'temp')).map((chip) => chip.name),
  )
  return [...inputs, ...zoneInputs(`${root}/sys/class/thermal`, withTemperature)].sort(byMetricAndSensor)
}

interface Chip {
  readonly directory: string
  readonly name: string
  /** The name, or if several chips share it, the name and the device. */
  readonly title: string
  readonly channels: readonly (readonly [file: string, kind: string, number: string])[]
}

function findChips(directory: string): Chip[] {
  const found = list(directory).map((entry) => {
    const chipDirectory = `${directory}/${entry}`
    const name = text(`${chipDirectory}/name`) ?? text(`${chipDirectory}/device/name`) ?? entry
    const channels = list(chipDirectory)
      .map((file) => CHANNEL.exec(file))
      .filter((match) => match !== null)
      .map((match) => [match[0], match[1] as string, match[2] as string] as const)
    return { directory: chipDirectory, entry, name, channels }
  })
  return found.map(({ entry, ...chip }) => {
    const alone = found.filter((other) => other.name === chip.name).length === 1
    return { ...chip, title: alone ? chip.name : `${chip.name}-${deviceName(chip.directory) ?? entry}` }
  })
}

function chipInputs(chip: Chip): HwmonInput[] {
  const labels = chip.channels.map(([, kind, number]) => text(`${chip.directory}/${kind}${number}_label`))
  return chip.channels.map(([file, kind, number], index) => {
    const label = labels[index]
    const twice = labels.some((other, at) => at !== index && other === label && chip.channels[at]?.[1] === kind)
    const channel = label === undefined || twice ? `${kind}${number}` : label
    return {
      metric: kind === 'fan' ? 'fan_rpm' : 'temperature_celsius',
      sensor: `${chip.title}/${channel}`,
      path: `${chip.directory}/${file}`,
      perUnit: kind === 'fan' ? 1 : MILLIDEGREES,
    }
  })
}

function zoneInputs(directory: string, chipsWithTemperature: ReadonlySet<string>): HwmonInput[] {
  const zones = list(directory)
    .filter((entry) => entry.startsWith('thermal_zone'))
    .map((entry) => ({ entry, type: text(`${directory}/${entry}/type`) ?? entry }))
    .filter(({ type }) => !isOfChip(type, chipsWithTemperature))
  return zones.map(({ entry, type }) => {
    const alone = zones.filter((other) => other.type === type).length === 1
    return {
      metric: 'temperature_celsius',
      sensor: alone ? type : `${type}-${entry.slice('thermal_zone'.length)}`,
      path: `${directory}/${entry}/temp`,
      perUnit: MILLIDEGREES,
    }
  })
}

/** The kernel makes a chip of a zone under the zone's type with `_` for `-`; x86_pkg_temp is coretemp's package. */
function isOfChip(zoneType: string, chips: ReadonlySet<string>): boolean {
  return chips.has(zoneType.replaceAll('-', '_')) || (zoneType === 'x86_pkg_temp' && chips.has('coretemp'))
}

function byMetricAndSensor(a: HwmonInput, b: HwmonInput): number {
  if (a.metric !== b.metric) return a.metric === 'temperature_celsius' ? -1 : 1
  return a.sensor.localeCompare(b.sensor, 'en', { numeric: true })
}

/** The device behind a chip, such as `nvme0`: unlike the number of hwmonN it stays the same. */
function deviceName(chipDirectory: string): string | undefined {
  try {
    return basename(realpathSync(`${chipDirectory}/device`))
  } catch {
    return undefined
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory).sort()
  } catch {
    return []
  }
}

function text(path: string): string | undefined {
  try {
    return deviceLabel(readFileSync(path)).trim() || undefined
  } catch {
    return undefined
  }
}
