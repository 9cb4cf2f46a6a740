import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GodwitError } from './errors.ts'

/** Where the parts of Godwit lie. */
export interface Installation {
  /** The file that is the command itself. */
  readonly command: string
  readonly collector: string
  readonly workers: { readonly writer: URL; readonly reader: URL }
  /** The folder of the page; undefined where it has not been built. */
  readonly webRoot: string | undefined
}

/**
 * Finds the parts from the URL of main: beside it in a build (scripts/build.ts), in the packages when it runs from its source.
 * Touches no file but the page's.
 */
export function installationAt(mainUrl: string): Installation {
  const at = (path: string): URL => new URL(path, mainUrl)
  if (extname(mainUrl) === '.ts') {
    return {
      command: fileURLToPath(mainUrl),
      collector: fileURLToPath(at('../../collector/src/main.ts')),
      workers: {
        writer: at('../../server/src/store/sqlite/writer-worker.ts'),
        reader: at('../../server/src/query/reader-worker.ts'),
      },
      webRoot: folder(at('../dist/web')),
    }
  }
  return {
    command: fileURLToPath(mainUrl),
    collector: fileURLToPath(at('./collector.js')),
    workers: { writer: at('./writer-worker.js'), reader: at('./reader-worker.js') },
    webRoot: folder(at('./web')),
  }
}

function folder(url: URL): string | undefined {
  const path = fileURLToPath(url)
  return existsSync(path) ? path : undefined
}

/** Throws BUILD_MISSING where a file of the installation is not there. */
export function requireFile(path: string): string {
  if (existsSync(path)) return path
  throw new GodwitError('BUILD_MISSING', {
    what: `a file of the installation is missing: ${path}`,
    hint: 'install godwit again, or run `npm run build` in its source',
  })
}
