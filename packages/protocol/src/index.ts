export { ByteReader } from './bytes/byte-reader.ts'
export { ByteWriter } from './bytes/byte-writer.ts'
export { ProtocolError } from './errors.ts'
export {
  encodeFrame,
  FRAME_OVERHEAD_BYTES,
  type Frame,
  type FrameVersion,
  TLS_HANDSHAKE_BYTE,
} from './frame/frame.ts'
export { FrameReader } from './frame/frame-reader.ts'
export { LIMITS } from './limits.ts'
export type { AckedRange } from './message/ack.ts'
export { appendTick, type Batch, dropTicks, TickCursor } from './message/batch.ts'
export { COLLECTOR_ID_BYTES, formatCollectorId, formatRun, parseCollectorId } from './message/collector-id.ts'
export { decodeMessage } from './message/decode-message.ts'
export { encodeMessage } from './message/encode-message.ts'
export type {
  BatchMessage,
  FromCollector,
  FromServer,
  Hello,
  Message,
  RunRange,
  Task,
  TaskResult,
  Welcome,
} from './message/message.ts'
export { isFromCollector, isFromServer } from './message/message-sender.ts'
export { TASK_KINDS, type TaskKind } from './message/task-kinds.ts'
export {
  METRIC_GROUPS,
  METRICS,
  type MetricGroup,
  type MetricKind,
  metricNamed,
  type Unit,
} from './metric/catalogue.ts'
export { createSchema, decodeSchema, type Schema, type SchemaId, schemaIdOf } from './metric/schema.ts'
export { formatSeriesName, parseSeriesName, type Series, seriesOf } from './metric/series.ts'
export { splitSeriesList } from './metric/series-list.ts'
export { type DecodableSchema, TickDecoder } from './tick/tick-decoder.ts'
export { TickEncoder, type TickHead } from './tick/tick-encoder.ts'
export { MAX_TICKS_PER_KEY } from './tick/tick-format.ts'
export {
  decodeV1Message,
  V1_REPLY,
  type V1Message,
  type V1SubmitData,
} from './wire-v1/v1-message.ts'
