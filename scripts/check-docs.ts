/**
 * Fails when documents and code disagree: a path, link or npm script that does not exist; a page made from the code that
 * is out of date; a dependency without a row in docs/dependencies.md, or a row without a dependency.
 *
 *   node scripts/check-docs.ts [--partial]     --partial passes over catalogues that are not there yet
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { generatedDocs } from './generated-docs.ts'

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const ROOT = join(import.meta.dirname, '..')
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'docs/**/*.md']
const REPOSITORY_PATH = /^(packages|docs|scripts|bench|test|\.ci)\/[\w@./-]*$/

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const manifest = (path: string): Manifest => JSON.parse(read(path)) as Manifest

async function main(partial: boolean): Promise<string[]> {
  const documents = globSync(DOCUMENTS, { cwd: ROOT })
  const { scripts = {} } = manifest('package.json')
  return [
    ...documents.flatMap((path) => namesOf(path, Object.keys(scripts))),
    ...(await staleDocs(partial)),
    ...dependencyRows(),
  ]
}

/** Paths, links and npm scripts that a document names and that do not exist. */
function namesOf(document: string, scripts: readonly string[]): string[] {
  const text = read(document)
  const prose = text.replaceAll(/^```.*?^```/gms, '')
  const quoted = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name)
  const paths = quoted.filter((name) => REPOSITORY_PATH.test(name) && !name.includes('/dist/'))
  const links = [...prose.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(([, link = '']) =>
    relative(ROOT, join(ROOT, dirname(document), link)),
  )
  const runs = [...text.matchAll(/npm run ([\w-]+)/g)].map(([, script = '']) => script)
  return [
    ...[...paths, ...links]
      .filter((path) => !existsSync(join(ROOT, path)))
      .map((path) => `${document}: no such path: ${path}`),
    ...runs.filter((script) => !scripts.includes(script)).map((script) => `${document}: no such npm script: ${script}`),
  ]
}

async function staleDocs(partial: boolean): Promise<string[]> {
  const pages = await generatedDocs()
  return pages.flatMap(({ path, text, missing }) => {
    if (missing.length > 0) return partial ? [] : missing.map((catalogue) => `${path}: no ${catalogue}`)
    if (existsSync(join(ROOT, path)) && read(path) === text) return []
    return [`${path}: not what the code says: npm run docs`]
  })
}

function dependencyRows(): string[] {
  const table = 'docs/dependencies.md'
  const manifests = ['package.json', ...globSync('packages/*/package.json', { cwd: ROOT })].map(manifest)
  const names = new Set(
    manifests
      .flatMap((m) => Object.keys({ ...m.dependencies, ...m.devDependencies, ...m.optionalDependencies }))
      .filter((name) => !name.startsWith('@godwit/') && name !== 'godwit'),
  )
  const rows = new Set([...read(table).matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name))
  return [
    ...[...names.difference(rows)].map((name) => `${table}: no row for the dependency ${name}`),
    ...[...rows.difference(names)].map((name) => `${table}: ${name} is no dependency`),
  ]
}

const problems = await main(process.argv.includes('--partial'))
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
