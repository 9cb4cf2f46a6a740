import { mkdirSync, renameSync, rmSync } from 'node:fs'

/**
 * Fills a directory beside `path` and puts it in place of `path` once it is whole, so that a program that runs from there never misses a
 * file for longer than two renames take. What was there stays if `fill` rejects.
 */
export async function replaceDirectory(path: string, fill: (newPath: string) => Promise<void>): Promise<void> {
  // Two builds at a time must not write into one another.
  const newPath = `${path}.new-${process.pid}`
  const oldPath = `${path}.old-${process.pid}`
  try {
    mkdirSync(newPath)
    await fill(newPath)
    moveIfThere(path, oldPath)
    renameSync(newPath, path)
  } finally {
    rmSync(newPath, { recursive: true, force: true })
    rmSync(oldPath, { recursive: true, force: true })
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
