/**
 * What `npm test` runs: one stage after the other, stopping at the first that fails. The test runner comes last, so that
 * its summary is the last thing printed.
 *
 *   npm test                  all stages
 *   npm test -- types lint    these alone
 *   npm test -- unit          the tests beside the code; `system` is those in test/
 *   npm test -- queue         the tests whose path contains the word
 *
 * With GODWIT_CI=1 a test that cannot run here fails instead of being skipped.
 */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')

/** A test that hangs fails by name, long before whoever waits for the whole run gives up. */
const HANGS_AFTER = '--test-timeout=300000'

const CHECKS: Readonly<Record<string, readonly string[]>> = {
  build: ['node', 'scripts/build.ts'],
  types: ['npm', 'run', '--silent', 'types'],
  lint: ['npm', 'run', '--silent', 'lint'],
}

const TESTS: Readonly<Record<string, readonly string[]>> = {
  unit: ['packages/*/src/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'],
  system: ['test/**/*.test.ts'],
}

function main(words: readonly string[]): number {
  const all = words.length === 0
  for (const [stage, command] of Object.entries(CHECKS)) {
    if (!all && !words.includes(stage)) continue
    const exitCode = run(stage, command)
    if (exitCode !== 0) return exitCode
  }

  if (words.length > 0 && words.every((word) => word in CHECKS)) return 0
  const files = testFiles(words.filter((word) => !(word in CHECKS)))
  if (files.length === 0) return fail(`no test has one of these in its path: ${words.join(', ')}`)
  return run('tests', ['node', '--test', '--test-concurrency=2', HANGS_AFTER, '--test-reporter=spec', ...files])
}

/** The tests of the stages and paths that `words` name; all of them when there is none. */
function testFiles(words: readonly string[]): string[] {
  const stages = words.filter((word) => word in TESTS)
  const paths = words.filter((word) => !(word in TESTS))
  const globs = (stages.length === 0 ? Object.keys(TESTS) : stages).flatMap((stage) => TESTS[stage] ?? [])
  return globSync(globs, { cwd: ROOT })
    .filter((file) => paths.length === 0 || paths.some((path) => file.includes(path)))
    .toSorted()
}

function run(stage: string, command: readonly string[]): number {
  console.log(`\n== ${stage}`)
  const [program = '', ...args] = command
  const { status, signal, error } = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit' })
  if (error !== undefined) return fail(`${program} did not start: ${error.message}`)
  if (signal !== null) return fail(`${program} was ended by ${signal}`)
  return status ?? 1
}

function fail(sentence: string): number {
  console.error(sentence)
  return 1
}

process.exitCode = main(process.argv.slice(2))
