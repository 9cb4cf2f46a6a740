/**
 * Bundles what npm publishes into packages/godwit/dist: the command, the collector as one file of its own, the server's
 * workers, and the page. One line per output: path, bytes, bytes after gzip.
 *
 *   node scripts/build.ts [--partial]     --partial passes over entry points that are not there yet
 */
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build } from 'esbuild'
import { replaceDirectory } from './replace-directory.ts'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'packages/godwit/dist')

// Bundled CommonJS dependencies call require() and read __dirname, which an ES module does not have.
const COMMONJS_BANNER = [
  "import { createRequire as __createRequire } from 'node:module'",
  'const require = __createRequire(import.meta.url)',
  'const __filename = import.meta.filename, __dirname = import.meta.dirname',
].join('\n')

const NODE: BuildOptions = { platform: 'node', target: 'node26', format: 'esm' }

// Readable, because its stack traces are what an operator sends us.
const SERVER: BuildOptions = { ...NODE, banner: { js: COMMONJS_BANNER } }

const WEB: BuildOptions = {
  platform: 'browser',
  target: 'es2023',
  format: 'esm',
  minify: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  loader: { '.svg': 'text', '.woff2': 'file' },
}

/**
 * Workers lie beside the bundle under the name that they have beside their source, so that one expression finds them in
 * both places: new URL(`./writer-worker${extname(import.meta.url)}`, import.meta.url).
 */
const BUNDLES: readonly { entry: string; out: string; options: BuildOptions }[] = [
  {
    entry: 'packages/godwit/src/main.ts',
    out: 'godwit.js',
    options: { ...NODE, banner: { js: `#!/usr/bin/env node\n${COMMONJS_BANNER}` } },
  },
  { entry: 'packages/collector/src/main.ts', out: 'collector.js', options: { ...NODE, minify: true } },
  { entry: 'packages/server/src/store/sqlite/writer-worker.ts', out: 'writer-worker.js', options: SERVER },
  { entry: 'packages/server/src/query/reader-worker.ts', out: 'reader-worker.js', options: SERVER },
  { entry: 'packages/web/src/main.tsx', out: 'web/main.js', options: WEB },
]

const COPIES: readonly { from: string; to: string; optional: boolean }[] = [
  { from: 'packages/web/index.html', to: 'web/index.html', optional: false },
  { from: 'packages/web/public', to: 'web', optional: true },
]

async function buildAll(partial: boolean): Promise<void> {
  const missing = BUNDLES.map(({ entry }) => entry).filter((entry) => !existsSync(join(ROOT, entry)))
  if (missing.length > 0 && !partial) throw new Error(`no such entry point: ${missing.join(', ')}`)

  await replaceDirectory(DIST, (dist) =>
    buildInto(
      dist,
      BUNDLES.filter(({ entry }) => !missing.includes(entry)),
    ),
  )
  for (const entry of missing) console.log(`skipped, not there yet: ${entry}`)
  for (const path of outputs()) console.log(sizeLine(path))
}

async function buildInto(dist: string, bundles: typeof BUNDLES): Promise<void> {
  await Promise.all(
    bundles.map(({ entry, out, options }) =>
      build({
        ...options,
        absWorkingDir: ROOT,
        entryPoints: [entry],
        outfile: join(dist, out),
        bundle: true,
        legalComments: 'eof',
        logLevel: 'warning',
      }),
    ),
  )
  for (const { from, to, optional } of COPIES) {
    if (optional && !existsSync(join(ROOT, from))) continue
    cpSync(join(ROOT, from), join(dist, to), { recursive: true })
  }
}

function outputs(): string[] {
  return readdirSync(DIST, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .toSorted()
}

function sizeLine(path: string): string {
  const bytes = readFileSync(path)
  const kib = (count: number): string => `${(count / 1024).toFixed(1)} KiB`.padStart(12)
  return `${relative(ROOT, path).padEnd(48)}${kib(bytes.length)}${kib(gzipSync(bytes).length)} gzip`
}

await buildAll(process.argv.includes('--partial'))
