const UNITS_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
}
const SIZE = /^(\d{1,12}(?:\.\d{1,3})?) ?([kKMGT]?i?B)$/

/** Whole bytes; undefined if `text` is no size. */
export function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text)
  const unitBytes = match === null ? undefined : UNITS_BYTES[match[2] as string]
  if (match === null || unitBytes === undefined) return undefined
  const sizeBytes = Math.floor(Number(match[1]) * unitBytes)
  return Number.isSafeInteger(sizeBytes) ? sizeBytes : undefined
}
