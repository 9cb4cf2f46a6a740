import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TextScanner } from './text-scanner.ts'

/** The scanner's buffer holds more after the text, as it does when the file before was longer. */
function scannerOf(text: string): TextScanner {
  const scanner = new TextScanner()
  scanner.bytes.fill('9')
  scanner.restart(scanner.bytes.write(text))
  return scanner
}

test('integers are read one after the other', () => {
  const scanner = scannerOf('  12 -7\t9007199254740991 9007199254740992\n5')
  assert.deepEqual([scanner.integer(), scanner.integer(), scanner.integer()], [12, -7, 9007199254740991])
  assert.equal(scanner.integer(), Number.NaN)
  assert.equal(scanner.integer(), Number.NaN, 'a line ends its numbers')
  scanner.nextLine()
  assert.equal(scanner.integer(), 5, 'the text ends where it ends')
  assert.equal(scanner.integer(), Number.NaN)
})

test('a decimal is the nearest number to its digits', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 99 }), (whole, hundredths) => {
      const text = `${whole}.${String(hundredths).padStart(2, '0')}`
      assert.equal(scannerOf(text).decimal(), Number(text))
    }),
  )
})

test('the last integer of a line is found from its end', () => {
  const scanner = scannerOf('some avg10=0.49 total=13873640\nfull total=\n')
  assert.equal(scanner.lastInteger(), 13873640)
  scanner.nextLine()
  assert.equal(scanner.lastInteger(), Number.NaN)
})

test('no text makes the scanner run over its end', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('0', '7', '.', '-', ' ', '\n', 'x', '\t') }), (text) => {
      const scanner = scannerOf(text)
      for (let lines = 0; !scanner.atEnd(); lines++) {
        assert.ok(lines <= text.length)
        scanner.integer()
        scanner.decimal()
        scanner.skipWords(1)
        scanner.lastInteger()
        assert.ok(scanner.position <= text.length)
        scanner.nextLine()
      }
    }),
  )
})
