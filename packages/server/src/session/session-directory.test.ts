import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SessionDirectory, type StreamingSession } from './session-directory.ts'

class RecordedSession implements StreamingSession {
  readonly runs: readonly number[]
  isSuperseded = false

  constructor(...runs: readonly number[]) {
    this.runs = runs
  }

  pace(): void {}
  taskAdded(): void {}
  superseded(): void {
    this.isSuperseded = true
  }
}

test('a newer connection of the same run takes over', () => {
  const directory = new SessionDirectory()
  const [older, newer] = [new RecordedSession(1, 2), new RecordedSession(2, 3)]
  directory.enter(7, older)
  directory.enter(7, newer)
  assert.deepEqual([older.isSuperseded, newer.isSuperseded], [true, false])
  directory.leave(7, older)
  assert.deepEqual([...directory.of(7)], [newer])
})

test('a copied card, with another run under the same id, is served beside the first', () => {
  const directory = new SessionDirectory()
  const [one, copy] = [new RecordedSession(1), new RecordedSession(2)]
  directory.enter(7, one)
  directory.enter(7, copy)
  assert.deepEqual([one.isSuperseded, copy.isSuperseded], [false, false])
  assert.deepEqual([...directory.of(7)], [one, copy])
})

test('a collector without sessions has none', () => {
  const directory = new SessionDirectory()
  const session = new RecordedSession(1)
  directory.enter(7, session)
  directory.leave(7, session)
  assert.equal(directory.of(7).size, 0)
  assert.equal(directory.of(8).size, 0)
})
