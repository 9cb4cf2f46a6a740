import type { Unit } from '@godwit/protocol'

/** What a chart shows: the catalogue's units and the rates that readers make of counters. */
export type DisplayUnit = Unit | 'bytes-per-s' | 'count-per-s'

/** A number and its unit apart, so that a page can set them in different weights. */
export interface FormattedValue {
  readonly number: string
  readonly unit: string
}

export const NOTHING: FormattedValue = { number: '–', unit: '' }

const BINARY_PREFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'] as const
const DECIMAL_PREFIXES = ['', 'k', 'M', 'G', 'T'] as const
/** Set between number and unit: narrow, and never broken over lines. */
const THIN_SPACE = '\u202f'

/** At most four digits. `value` is in base units (a ratio is 0..1); null and NaN become a dash. */
export function formatParts(value: number | null | undefined, unit: DisplayUnit): FormattedValue {
  if (value === null || value === undefined || Number.isNaN(value)) return NOTHING
  switch (unit) {
    case 'ratio':
      return { number: ratioDigits(value * 100), unit: '%' }
    case 'bytes':
      return prefixed(value, 1024, BINARY_PREFIXES, 'B')
    case 'bytes-per-s':
      return prefixed(value, 1024, BINARY_PREFIXES, 'B/s')
    case 'count-per-s':
      return prefixed(value, 1000, DECIMAL_PREFIXES, '/s')
    case 'count':
      return prefixed(value, 1000, DECIMAL_PREFIXES, '')
    case 'celsius':
      return { number: value.toFixed(1), unit: '°C' }
    case 'rpm':
      return { number: value.toFixed(0), unit: 'rpm' }
    case 'ms':
      return value >= 1000 ? { number: digits(value / 1000), unit: 's' } : { number: digits(value), unit: 'ms' }
    case 'seconds':
      return { number: digits(value), unit: 's' }
    case 'none':
      return { number: digits(value), unit: '' }
  }
}

/** The same in one string, for legends and titles. */
export function formatValue(value: number | null | undefined, unit: DisplayUnit): string {
  const { number, unit: suffix } = formatParts(value, unit)
  return suffix === '' ? number : `${number}${THIN_SPACE}${suffix}`
}

/**
 * Labels of one axis. All of them use the prefix of the largest, so that one reads down the axis without converting; and
 * zero is bare. Negative values lose their sign: below the axis stands what goes the other way.
 */
export function formatAxis(values: readonly number[], unit: DisplayUnit): string[] {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const base = baseOf(unit)
  const exponent = base === undefined || largest === 0 ? 0 : exponentOf(largest, base)
  const scale = base === undefined ? 1 : base ** exponent
  return values.map((value) => {
    if (value === 0) return '0'
    const absolute = Math.abs(value)
    if (base === undefined) return axisText(absolute, unit)
    const prefix = (base === 1024 ? BINARY_PREFIXES : DECIMAL_PREFIXES)[exponent] ?? ''
    return join(trimmed(absolute / scale), prefix + suffixOf(unit))
  })
}

/** Steps that an axis may take, ascending: powers of two for bytes, 1-2-5 otherwise. */
export function axisIncrements(unit: DisplayUnit): number[] {
  if (baseOf(unit) === 1024) return Array.from({ length: 52 }, (_, exponent) => 2 ** exponent)
  const fine = unit === 'ratio' ? -4 : unit === 'none' || unit === 'count-per-s' ? -2 : 0
  return Array.from({ length: 15 }, (_, index) => index + fine).flatMap((exponent) =>
    [1, 2, 5].map((lead) => Number(`${lead}e${exponent}`)),
  )
}

function axisText(value: number, unit: DisplayUnit): string {
  if (unit === 'ratio') return join(trimmed(value * 100), '%')
  if (unit === 'celsius') return join(trimmed(value), '°')
  if (unit === 'ms') return join(trimmed(value), 'ms')
  if (unit === 'seconds') return join(trimmed(value), 's')
  return trimmed(value)
}

function prefixed(value: number, base: number, prefixes: readonly string[], suffix: string): FormattedValue {
  const exponent = Math.min(exponentOf(value, base), prefixes.length - 1)
  const scaled = value / base ** exponent
  // A count or a byte has no halves; a rate does.
  const whole = exponent === 0 && !suffix.endsWith('/s')
  return { number: whole ? scaled.toFixed(0) : digits(scaled), unit: `${prefixes[exponent]}${suffix}` }
}

function exponentOf(value: number, base: number): number {
  let exponent = 0
  // 999.5 would be written with four digits: it takes the next prefix.
  for (let rest = Math.abs(value); rest >= base * 0.9995 && exponent < 5; rest /= base) exponent++
  return exponent
}

function baseOf(unit: DisplayUnit): 1000 | 1024 | undefined {
  if (unit === 'bytes' || unit === 'bytes-per-s') return 1024
  if (unit === 'count' || unit === 'count-per-s') return 1000
  return undefined
}

function suffixOf(unit: DisplayUnit): string {
  if (unit === 'bytes') return 'B'
  if (unit === 'bytes-per-s') return 'B/s'
  return unit === 'count-per-s' ? '/s' : ''
}

function digits(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size < 9.995) return value.toFixed(2)
  if (size < 99.95) return value.toFixed(1)
  return value.toFixed(0)
}

function ratioDigits(percent: number): string {
  return percent < 99.95 ? percent.toFixed(1) : percent.toFixed(0)
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(4)))
}

function join(number: string, unit: string): string {
  if (unit === '') return number
  return unit === '°' ? `${number}°` : `${number}${THIN_SPACE}${unit}`
}
