import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inflate } from '@sparticuz/chromium'
import { type Browser, chromium } from 'playwright-core'
import { skipUnless } from './requirement.ts'

const ARCHIVES = ['chromium.br', 'fonts.tar.br', 'swiftshader.tar.br', 'al2023.tar.br']

/**
 * Starts the Chromium that @sparticuz/chromium carries, headless and without a sandbox, since tests may run as root. The
 * package brings the libraries that a bare machine lacks (nss, nspr, expat), so glibc is all it needs.
 *
 * The caller closes it. Throws, with a hint, where it cannot start.
 */
export async function launchBrowser(): Promise<Browser> {
  const folder = await unpackedChromium()
  const obstacle = obstacleTo(folder)
  if (obstacle !== undefined) throw new Error(obstacle)
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    // No --single-process, which the package suggests for AWS Lambda: it makes one crashed page end them all.
    args: ['--no-zygote', '--disable-dev-shm-usage', '--font-render-hinting=none'],
    chromiumSandbox: false,
    env: environmentIn(folder),
  })
}

/** For the `skip` option of tests that call launchBrowser. */
export async function skipUnlessBrowser(): Promise<string | false> {
  if (process.arch !== 'x64')
    return skipUnless(false, 'Chromium for this processor (the npm package carries x64 alone)')
  const obstacle = obstacleTo(await unpackedChromium())
  return skipUnless(obstacle === undefined, obstacle ?? '')
}

function obstacleTo(folder: string): string | undefined {
  const program = join(folder, 'chromium')
  const { status, stderr, error } = spawnSync(program, ['--version'], { env: environmentIn(folder), encoding: 'utf8' })
  if (status === 0) return undefined
  const library = /loading shared libraries: ([^:]+):/.exec(stderr ?? '')?.[1]
  if (library === undefined) return `Chromium, which does not start here: ${error?.message ?? stderr.trim()}`
  return `the library ${library} for Chromium (on Debian: apt-get install libnss3 libnspr4 libexpat1 libgcc-s1)`
}

function environmentIn(folder: string): Record<string, string> {
  return {
    ...(process.env as Record<string, string>),
    LD_LIBRARY_PATH: join(folder, 'al2023/lib'),
    FONTCONFIG_PATH: join(folder, 'fonts'),
  }
}

/** The folder that holds Chromium unpacked, once a version for all test files, under node_modules/.cache. */
async function unpackedChromium(): Promise<string> {
  const packageFolder = dirname(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))))
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string }
  const cache = join(import.meta.dirname, '../node_modules/.cache')
  const folder = join(cache, `chromium-${version}`)
  if (existsSync(folder)) return folder

  await mkdir(cache, { recursive: true })
  const staging = await mkdtemp(join(cache, 'chromium-unpacking-'))
  await unpackInto(
    staging,
    ARCHIVES.map((archive) => join(packageFolder, 'bin', archive)),
  )
  // Test files run side by side: each unpacks to a place of its own, and the first to finish gives its folder the name.
  await rename(staging, folder).catch(() => rm(staging, { recursive: true }))
  return folder
}

async function unpackInto(folder: string, archives: readonly string[]): Promise<void> {
  // inflate() knows no place but os.tmpdir(), which reads TMPDIR at each call.
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
  try {
    await Promise.all(archives.map((archive) => inflate(archive)))
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
}
