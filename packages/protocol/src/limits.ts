/** Every bound that an untrusted peer runs into. A length is checked against these before it is believed. */
export const LIMITS = {
  /** Payload of one version 2 frame. Leaves room for a full batch and its header. */
  framePayloadBytes: 327_680,
  /** Payload of one version 1 frame: collectors in the field send 40 to 200 bytes. */
  frameV1PayloadBytes: 65_536,
  /** Ticks of one batch, all together. */
  batchTickBytes: 262_144,
  batchTicks: 4096,
  /** Series of one schema; also bounds what one tick can make a decoder allocate. */
  schemaSeries: 4096,
  schemaBytes: 262_144,
  seriesNameBytes: 255,
  /** One encoded tick: key ticks cost at most 8 bytes a value, and some for their head. */
  tickBytes: 65_536,
  /** Ticks from one key tick to the next; a lost tick costs at most the rest of them. */
  ticksPerKey: 60,
  /** Runs that one Hello may list. */
  runsPerHello: 1024,
  /** Schemas that one Hello may list, and one Welcome ask for. */
  schemasPerHello: 1024,
  /** Ranges that one Welcome may list. */
  haveRanges: 4096,
  /** Ranges that one Ack may list. */
  ackRanges: 4096,
  /** Seq counts ticks: 2^48 of them never come. */
  seq: 281_474_976_710_656,
  /** The last ms of the year 9999. */
  wallMs: 253_402_300_799_999,
  /** A day: what an interval or a wait may be, well below where timers overflow. */
  periodMs: 86_400_000,
  /** Text in control messages: names, reasons; as UTF-8. */
  textBytes: 256,
  /** Facts about a host in one Hello, and what their names and texts may take together, as UTF-8. */
  hostFacts: 16,
  hostBytes: 2048,
} as const
