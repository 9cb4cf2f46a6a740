import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeRemoteWrite } from './remote-write.ts'

test('a series of one sample is a protobuf of labels and samples in a literal', () => {
  const body = encodeRemoteWrite([{ labels: [['__name__', 'up']], samples: [{ value: Math.PI, wallMs: 1000 }] }])
  const label = '0a0e 0a085f5f6e616d655f5f 12027570'
  const sample = '120c 09182d4454fb210940 10e807'
  assert.equal(Buffer.from(body).toString('hex'), `20 7c 0a1e ${label} ${sample}`.replaceAll(' ', ''))
})

test('a timestamp may be longer than 32 bits, and a zero is left out', () => {
  const body = encodeRemoteWrite([{ labels: [], samples: [{ value: 0, wallMs: 1_700_000_000_000 }] }])
  assert.equal(Buffer.from(body).toString('hex'), '0b280a0912071080d095ffbc31')
})
