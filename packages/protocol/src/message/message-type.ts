/** The first byte of every version 2 payload. Never reused. */
export const MESSAGE_TYPE = {
  hello: 0x01,
  welcome: 0x02,
  schema: 0x03,
  batch: 0x04,
  ack: 0x05,
  busy: 0x06,
  goaway: 0x07,
  task: 0x08,
  taskResult: 0x09,
  bye: 0x0a,
  pace: 0x0b,
} as const
