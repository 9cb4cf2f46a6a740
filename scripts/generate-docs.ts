/** Writes the pages of docs/ that are tables of what the code holds. check-docs.ts fails when they are out of date. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generatedDocs } from './generated-docs.ts'

const ROOT = join(import.meta.dirname, '..')

for (const { path, text, missing } of await generatedDocs()) {
  for (const catalogue of missing) console.error(`${path}: no ${catalogue}`)
  writeFileSync(join(ROOT, path), text)
  console.log(`wrote ${path}`)
}
