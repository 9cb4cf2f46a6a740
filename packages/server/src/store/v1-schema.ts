import { hash } from 'node:crypto'
import { createSchema, type Schema, type Series, seriesOf } from '@godwit/protocol'

/** What a version 1 sample holds, exactly as it came: bytes to the byte, and the processor share as a float. */
const SERIES: readonly Series[] = [
  { ...seriesOf('cpu_used_ratio'), resolution: null },
  { ...seriesOf('memory_total_bytes'), resolution: 1 },
  { ...seriesOf('memory_used_bytes'), resolution: 1 },
]

export const V1_SCHEMA: Schema = createSchema(SERIES, (bytes) => hash('sha256', bytes, 'buffer'))

/** Version 1 has no runs: all samples of such a collector are ticks of this one, numbered as they were stored. */
export const V1_RUN = 1
