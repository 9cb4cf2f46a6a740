import { exportTicks, SqliteReader } from '@godwit/server'
import type { ExportedCollector, TickRequest, TickSource } from './tick-source.ts'

/** Ticks of a data directory, read beside the server that may be writing it. Calls reject with the ServerErrors of its reader. */
export class DirectorySource implements TickSource {
  readonly #reader: SqliteReader

  /** Throws where there is no database, or one that is not ours. */
  constructor(dataDir: string) {
    this.#reader = new SqliteReader(dataDir)
  }

  collectors(): Promise<readonly ExportedCollector[]> {
    return Promise.resolve(this.#reader.collectors())
  }

  async *ticks({ collectorId, fromMs, toMs, format }: TickRequest): AsyncGenerator<Uint8Array> {
    const collector = this.#reader.collectors().find(({ id }) => id === collectorId)
    if (collector === undefined) return
    this.#reader.refresh()
    for (const chunk of exportTicks(this.#reader, collector.no, { fromMs, toMs }, format)) {
      yield chunk
      // Reading is synchronous, and so is writing to a file: without this nobody would hear a Ctrl-C.
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
    }
  }

  close(): Promise<void> {
    this.#reader.close()
    return Promise.resolve()
  }
}
