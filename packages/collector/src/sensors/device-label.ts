import { isUtf8 } from 'node:buffer'

/**
 * The text that stands for the bytes of a name of the kernel: UTF-8, or where they are not that, a character a byte. Names of
 * interfaces and mounts are any bytes, and U+FFFD for what cannot be read would make one name of two.
 */
export function deviceLabel(name: Buffer): string {
  return name.toString(isUtf8(name) ? 'utf8' : 'latin1')
}
