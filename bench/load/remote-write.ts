import { ByteWriter } from '@godwit/protocol'
import { snappyCompress } from './snappy.ts'

export interface RemoteSeries {
  /** Ascending by name. */
  readonly labels: readonly (readonly [name: string, value: string])[]
  readonly samples: readonly RemoteSample[]
}

interface RemoteSample {
  readonly value: number
  readonly wallMs: number
}

/** Tags of fields: number and wire type. */
const FIELD_1_BYTES = 0x0a
const FIELD_2_BYTES = 0x12
const FIELD_1_DOUBLE = 0x09
const FIELD_2_VARINT = 0x10

/** Buffers of inner messages, to be used again: a request has hundreds of them. */
const spare: ByteWriter[] = []
const eightBytes = new Uint8Array(8)
const littleEndian = new DataView(eightBytes.buffer)

/**
 * The body of a request of Prometheus' remote write 1.0: protobuf in a snappy block.
 *
 *   WriteRequest { repeated TimeSeries timeseries = 1 }
 *   TimeSeries   { repeated Label labels = 1; repeated Sample samples = 2 }
 *   Label        { string name = 1; string value = 2 }
 *   Sample       { double value = 1; int64 timestamp = 2 }
 *
 * Format: https://prometheus.io/docs/specs/prw/remote_write_spec/
 */
export function encodeRemoteWrite(series: readonly RemoteSeries[]): Uint8Array {
  const request = new ByteWriter(0x1_0000)
  for (const one of series) message(request, FIELD_1_BYTES, (writer) => writeSeries(writer, one))
  return snappyCompress(request.written())
}

function writeSeries(writer: ByteWriter, { labels, samples }: RemoteSeries): void {
  for (const [name, value] of labels) {
    message(writer, FIELD_1_BYTES, (label) => {
      text(label, FIELD_1_BYTES, name)
      text(label, FIELD_2_BYTES, value)
    })
  }
  for (const sample of samples) message(writer, FIELD_2_BYTES, (inner) => writeSample(inner, sample))
}

function writeSample(writer: ByteWriter, { value, wallMs }: RemoteSample): void {
  // What is zero is left out.
  if (value !== 0) {
    writer.u8(FIELD_1_DOUBLE)
    littleEndian.setFloat64(0, value, true)
    writer.append(eightBytes)
  }
  writer.u8(FIELD_2_VARINT)
  writer.varint(wallMs)
}

function text(writer: ByteWriter, tag: number, value: string): void {
  const bytes = Buffer.from(value)
  writer.u8(tag)
  writer.varint(bytes.length)
  writer.append(bytes)
}

/** The length stands before what it counts. */
function message(writer: ByteWriter, tag: number, write: (inner: ByteWriter) => void): void {
  const inner = spare.pop() ?? new ByteWriter()
  inner.clear()
  write(inner)
  writer.u8(tag)
  writer.varint(inner.length)
  writer.append(inner.written())
  spare.push(inner)
}
