/** Both in the form of the text they were found in: a character a byte, where that is read so. */
export interface Mount {
  /** The device, or the pool of a file system that spans several. */
  readonly source: string
  readonly path: string
}

/**
 * File systems that keep files on a disk of this machine. A list of what is wanted, not of what is not: asking an unknown
 * one for its size may wait for a server that is gone, for ever.
 */
const ON_DISK = new Set([
  'ext2',
  'ext3',
  'ext4',
  'xfs',
  'btrfs',
  'bcachefs',
  'f2fs',
  'jfs',
  'reiserfs',
  'nilfs2',
  'zfs',
  'vfat',
  'msdos',
  'exfat',
  'ntfs',
  'ntfs3',
  'fuseblk',
  'hfsplus',
  'ubifs',
  'jffs2',
])

/**
 * The mounts in the text of /proc/self/mounts (fstab(5)) that stand for room on a disk, one a device: where a device is
 * mounted several times, the one with the shortest path. An overlay counts as the root alone, where it holds a live
 * system's or a container's files.
 */
export function diskMounts(text: string): Mount[] {
  const byPath = new Map<string, Mount & { readonly type: string }>()
  for (const line of text.split('\n')) {
    const [source, path, type] = line.split(' ').map(unescapeField)
    if (source === undefined || path === undefined || type === undefined) continue
    // A later mount hides the one below it: whoever asks the path asks the later one, a dead server perhaps.
    byPath.set(path, { source, path, type })
  }
  const byDevice = new Map<string, Mount>()
  for (const { source, path, type } of byPath.values()) {
    if (!ON_DISK.has(type) && !(type === 'overlay' && path === '/')) continue
    const known = byDevice.get(source)
    if (known === undefined || path.length < known.path.length) byDevice.set(source, { source, path })
  }
  return [...byDevice.values()]
}

/** Blanks, tabs, newlines and backslashes of a path are written as \ooo. */
function unescapeField(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
