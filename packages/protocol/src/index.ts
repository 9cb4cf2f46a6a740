export { ByteReader } from './bytes/byte-reader.ts'
export { ByteWriter } from './bytes/byte-writer.ts'
export { PROTOCOL_ERRORS, ProtocolError, type ProtocolErrorCode } from './errors.ts'
export {
  type Crc32,
  encodeFrame,
  FRAME_OVERHEAD_BYTES,
  type Frame,
  type FrameVersion,
  TLS_HANDSHAKE_BYTE,
} from './frame/frame.ts'
export { FrameReader } from './frame/frame-reader.ts'
export { LIMITS } from './limits.ts'
export { type AckedRange, encodeAck } from './message/ack.ts'
export { type Batch, decodeBatch, dropTicks, encodeBatch, TickCursor } from './message/batch.ts'
export { COLLECTOR_ID_BYTES, formatCollectorId, formatRun, parseCollectorId } from './message/collector-id.ts'
export { decodeMessage } from './message/decode-message.ts'
export { encodeMessage } from './message/encode-message.ts'
export type { BatchMessage, Hello, Message, RunRange, Task, TaskResult, Welcome } from './message/message.ts'
export { MESSAGE_TYPE } from './message/message-type.ts'
export {
  METRIC_GROUPS,
  METRICS,
  type Metric,
  type MetricGroup,
  type MetricKind,
  metricNamed,
  type Unit,
} from './metric/catalogue.ts'
export { createSchema, decodeSchema, type Schema, type SchemaId, type Sha256 } from './metric/schema.ts'
export { formatSeriesName, parseSeriesName, type Series, seriesOf } from './metric/series.ts'
export { splitSeriesList } from './metric/series-list.ts'
export { type DecodableSchema, TickDecoder } from './tick/tick-decoder.ts'
export { type EncodedTick, TickEncoder, type TickHead } from './tick/tick-encoder.ts'
export {
  decodeV1Message,
  V1_REPLY,
  type V1Message,
  type V1RequestWork,
  type V1SubmitData,
} from './wire-v1/v1-message.ts'
