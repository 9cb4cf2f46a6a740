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
  return snappyCompress(Buffer.concat(series.flatMap((one) => bytesField(FIELD_1_BYTES, encodeSeries(one)))))
}

function encodeSeries({ labels, samples }: RemoteSeries): Buffer {
  const fields = [
    ...labels.flatMap((label) => bytesField(FIELD_1_BYTES, encodeLabel(label))),
    ...samples.flatMap((sample) => bytesField(FIELD_2_BYTES, encodeSample(sample))),
  ]
  return Buffer.concat(fields)
}

function encodeLabel([name, value]: readonly [string, string]): Buffer {
  return Buffer.concat([
    ...bytesField(FIELD_1_BYTES, Buffer.from(name)),
    ...bytesField(FIELD_2_BYTES, Buffer.from(value)),
  ])
}

function encodeSample({ value, wallMs }: RemoteSample): Buffer {
  const timestamp = Buffer.from([FIELD_2_VARINT, ...varint(wallMs)])
  // What is zero is left out.
  if (value === 0) return timestamp
  const double = Buffer.alloc(9)
  double[0] = FIELD_1_DOUBLE
  double.writeDoubleLE(value, 1)
  return Buffer.concat([double, timestamp])
}

function bytesField(tag: number, bytes: Buffer): Buffer[] {
  return [Buffer.from([tag, ...varint(bytes.length)]), bytes]
}

/** Of a whole number up to 2^53: shifts would cut a timestamp to 32 bits. */
function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  return [...bytes, rest]
}
