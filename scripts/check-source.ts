/**
 * House rules that no linter rule knows: no `export *`, no file over 400 lines, no file or folder named for being useful,
 * exact versions, a lock file that works from any registry. Prints one line a violation and exits 1.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const MAX_LINES = 400
const SAYS_NOTHING = /(^|\/)(utils?|helpers?|common|misc|shared|types)(\/|\.tsx?$)/

const violations: string[] = []
for (const path of globSync(['packages/*/src/**/*.{ts,tsx,css}', '{scripts,bench,test}/**/*.ts'], { cwd: ROOT })) {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const lines = text.split('\n').length - 1
  if (lines > MAX_LINES) violations.push(`${path}: ${lines} lines, ${MAX_LINES} at most: split it by concept`)
  if (SAYS_NOTHING.test(path)) violations.push(`${path}: name it for the one concept that it holds`)
  if (/^export \*/m.test(text)) violations.push(`${path}: write out every name instead of export *`)
}

for (const path of ['package.json', ...globSync('packages/*/package.json', { cwd: ROOT })]) {
  const manifest = JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as Record<string, Record<string, string>>
  for (const [name, version] of Object.entries({ ...manifest['dependencies'], ...manifest['devDependencies'] })) {
    if (!/^\d+\.\d+\.\d+/.test(version)) violations.push(`${path}: ${name} ${version} is no exact version`)
  }
}

if (readFileSync(join(ROOT, 'package-lock.json'), 'utf8').includes('"resolved": "http')) {
  violations.push(
    'package-lock.json: names a registry; npm install with omit-lockfile-registry-resolved (.npmrc) leaves it out',
  )
}

for (const violation of violations) console.error(violation)
if (violations.length > 0) process.exitCode = 1
