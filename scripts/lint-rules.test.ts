import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'

const ROOT = join(import.meta.dirname, '..')

const LAYERS: readonly { says: string; path: string; imports: string }[] = [
  { says: 'protocol may not import node:', path: 'protocol/src/tick/a.ts', imports: 'node:fs' },
  { says: 'protocol may not import an npm package', path: 'protocol/src/tick/b.ts', imports: 'fastify' },
  { says: 'protocol may not import a sibling', path: 'protocol/src/tick/c.ts', imports: '@godwit/server' },
  {
    says: 'protocol may not import a sibling by path',
    path: 'protocol/src/d.ts',
    imports: '../../server/src/errors.ts',
  },
  { says: 'collector may not import server', path: 'collector/src/queue/a.ts', imports: '@godwit/server' },
  { says: 'collector may not import an npm package', path: 'collector/src/queue/b.ts', imports: 'ws' },
  { says: 'collector may not sleep', path: 'collector/src/queue/c.ts', imports: 'node:timers/promises' },
  { says: 'server may not import collector', path: 'server/src/a.ts', imports: '@godwit/collector' },
  { says: 'server may not import the command', path: 'server/src/b.ts', imports: 'godwit' },
  { says: 'the store knows no HTTP', path: 'server/src/store/sqlite/a.ts', imports: 'node:http' },
  { says: 'the store knows no framework', path: 'server/src/store/b.ts', imports: 'fastify' },
  { says: 'the store does not know the API', path: 'server/src/store/sqlite/c.ts', imports: '../../api/routes.ts' },
  { says: 'commit does not know sessions', path: 'server/src/commit/a.ts', imports: '../session/session.ts' },
  { says: 'query does not know the API', path: 'server/src/query/a.ts', imports: '../api/routes.ts' },
  { says: 'live does not know the API', path: 'server/src/live/a.ts', imports: '../api/routes.ts' },
  { says: 'sessions do not know the listener', path: 'server/src/session/a.ts', imports: '../listener/listener.ts' },
  { says: 'the listener does not know the store', path: 'server/src/listener/a.ts', imports: '../store/store.ts' },
  { says: 'the API does not commit', path: 'server/src/api/a.ts', imports: '../commit/committer.ts' },
  { says: 'web may not import server', path: 'web/src/api/a.ts', imports: '@godwit/server' },
  { says: 'web may not import node:', path: 'web/src/api/b.tsx', imports: 'node:path' },
]

const RULES: readonly { rule: string; path: string; source: string }[] = [
  { rule: 'import(no-default-export)', path: 'server/src/default.ts', source: 'export default 1' },
  {
    rule: 'import(no-cycle)',
    path: 'server/src/cycle-a.ts',
    source: "import { b } from './cycle-b.ts'\nexport const a = b",
  },
  {
    rule: 'import(no-cycle)',
    path: 'server/src/cycle-b.ts',
    source: "import { a } from './cycle-a.ts'\nexport const b = a",
  },
  { rule: 'eslint(eqeqeq)', path: 'server/src/equal.ts', source: 'export const f = (n: number) => n == 1' },
  {
    rule: 'eslint(no-else-return)',
    path: 'server/src/else.ts',
    source: 'export function f(n: number) { if (n > 0) { return 1 } else { return 2 } }',
  },
  { rule: 'eslint(no-console)', path: 'server/src/console.ts', source: "console.log('x')" },
  { rule: 'eslint(no-restricted-properties)', path: 'server/src/now.ts', source: 'export const f = () => Date.now()' },
  { rule: 'eslint(no-restricted-properties)', path: 'server/src/env.ts', source: 'export const f = () => process.env' },
  { rule: 'eslint(no-restricted-globals)', path: 'server/src/timer.ts', source: 'setTimeout(() => {}, 1)' },
  {
    rule: 'typescript(no-floating-promises)',
    path: 'server/src/floating.ts',
    source: 'async function f() {}\nexport function g() { f() }',
  },
  {
    rule: 'typescript(no-misused-promises)',
    path: 'server/src/misused.ts',
    source: 'async function f() { return true }\nexport function g() { if (f()) return 1; return 2 }',
  },
  { rule: 'typescript(await-thenable)', path: 'server/src/await.ts', source: 'export async function f() { await 1 }' },
  {
    rule: 'typescript(switch-exhaustiveness-check)',
    path: 'server/src/switch.ts',
    source: "export function f(k: 'a' | 'b') { switch (k) { case 'a': return 1 } return 2 }",
  },
]

const ALLOWED: readonly { path: string; source: string }[] = [
  {
    path: 'protocol/src/message/ok.ts',
    source: "import { encode } from 'cbor-x'\nimport { x } from './x.ts'\nexport { encode, x }",
  },
  {
    path: 'protocol/src/ok.test.ts',
    source: "import { test } from 'node:test'\nimport fc from 'fast-check'\ntest('x', () => fc)",
  },
  {
    path: 'collector/src/ok.ts',
    source: "import { x } from '@godwit/protocol'\nimport { open } from 'node:fs/promises'\nexport { open, x }",
  },
  {
    path: 'server/src/api/ok.ts',
    source: "import { x } from 'fastify'\nimport { y } from '../query/y.ts'\nexport { x, y }",
  },
  { path: 'server/src/commit/ok.ts', source: "import { x } from '../store/store.ts'\nexport { x }" },
  { path: 'server/src/main.ts', source: 'console.log(Date.now(), process.env)' },
]

interface Diagnostic {
  readonly code: string
  readonly filename: string
}

/** Runs the linter once over a tree that holds every violation; returns the codes found, by path. */
function lintAll(folder: string): Map<string, string[]> {
  for (const file of ['.oxlintrc.json', 'tsconfig.base.json']) cpSync(join(ROOT, file), join(folder, file))
  for (const name of ['protocol', 'collector', 'server', 'web']) {
    cpSync(join(ROOT, 'packages', name, 'tsconfig.json'), join(folder, 'packages', name, 'tsconfig.json'))
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const layers = LAYERS.map(({ path, imports }) => ({ path, source: `import { x } from '${imports}'\nexport { x }` }))
  for (const { path, source } of [...layers, ...RULES, ...ALLOWED]) {
    const file = join(folder, 'packages', path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `${source}\n`)
  }

  const oxlint = join(ROOT, 'node_modules/.bin/oxlint')
  const { status, stdout, stderr } = spawnSync(oxlint, ['--format', 'json', 'packages'], {
    cwd: folder,
    encoding: 'utf8',
  })
  assert.equal(status, 1, stdout + stderr)
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] }
  const byPath = Map.groupBy(diagnostics, ({ filename }) => filename)
  return new Map([...byPath].map(([path, found]) => [path, found.map(({ code }) => code)]))
}

describe('lint', () => {
  let folder: string
  let found: Map<string, string[]>
  const codesOf = (path: string): readonly string[] => found.get(`packages/${path}`) ?? []

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'godwit-lint-'))
    found = lintAll(folder)
  })
  after(() => rmSync(folder, { recursive: true }))

  for (const { says, path } of LAYERS) {
    test(says, () => assert.deepEqual(codesOf(path), ['eslint(no-restricted-imports)']))
  }
  for (const { rule, path } of RULES) {
    test(`${rule} is reported in ${path}`, () => assert.ok(codesOf(path).includes(rule), String(codesOf(path))))
  }
  for (const { path } of ALLOWED) {
    test(`${path} is clean`, () => assert.deepEqual(codesOf(path), []))
  }
})
