import { TickCursor, TickDecoder } from '@godwit/protocol'
import { SqliteReader } from '../packages/server/src/store/sqlite/sqlite-reader.ts'

export interface StoredTick {
  readonly seq: number
  readonly wallMs: number
  /** The decoder's own, valid until the next tick. */
  readonly values: Float64Array
}

/** Reads back every tick of the only collector of a store, as it was committed. Throws where a tick cannot be decoded. */
export function* storedTicks(dataDir: string): Generator<StoredTick> {
  const reader = new SqliteReader(dataDir)
  try {
    reader.refresh()
    const [collectorNo, ...others] = reader.spans().keys()
    if (collectorNo === undefined || others.length > 0) throw new Error('the store holds the ticks of one collector')
    const decoder = new TickDecoder((id) => reader.schema(collectorNo, id))
    for (const batch of reader.batchesIn(collectorNo, 0, Number.MAX_SAFE_INTEGER)) {
      const cursor = new TickCursor(batch.ticks)
      for (let seq = batch.seq; cursor.next(); seq++) {
        const whole = decoder.decode(batch.ticks, cursor.start, cursor.end, batch.run, seq)
        if (!whole) throw new Error(`tick ${seq} cannot be decoded`)
        yield { seq, wallMs: decoder.wallMs, values: decoder.values }
      }
    }
  } finally {
    reader.close()
  }
}
