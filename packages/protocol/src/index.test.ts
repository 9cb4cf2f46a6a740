import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'

const ROOT = import.meta.dirname
const SOURCES = globSync('**/*.ts', { cwd: ROOT }).filter((path) => !path.endsWith('.test.ts'))
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g

test('the package imports its own files and cbor-x alone', () => {
  assert.ok(SOURCES.length > 10)
  for (const path of SOURCES) {
    for (const [, name = ''] of readFileSync(join(ROOT, path), 'utf8').matchAll(IMPORT)) {
      if (name === 'cbor-x/index-no-eval') continue
      assert.match(name, /^\.\.?\/.*\.ts$/, path)
      assert.ok(!relative(ROOT, join(ROOT, dirname(path), name)).startsWith('..'), `${path} imports ${name}`)
    }
  }
})

test('the package uses nothing that Node or the browser alone has', () => {
  const foreign =
    /\b(?:process|Buffer|require|window|document|navigator|setTimeout|setInterval|performance|Date\.now)\b[.(]/
  for (const path of SOURCES) {
    const code = readFileSync(join(ROOT, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
    assert.doesNotMatch(code, foreign, path)
  }
})
