import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A directory of a test's own, gone when it is disposed of. */
export class TemporaryDirectory implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), 'godwit-test-'));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }

  at(...names: readonly string[]): string {
    return join(this.path, ...names)
  }
}
