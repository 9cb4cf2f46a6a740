import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ReaderJob, ReaderTurns } from './reader-turns.ts'

const STEP_MS = 10

/** Turns of which each step takes 10 ms, and which go on when the test says so. */
class Site {
  readonly told: string[] = []
  readonly #later: (() => void)[] = []
  #nowMs = 0
  readonly turns = new ReaderTurns(
    () => this.#nowMs,
    (callback) => void this.#later.push(callback),
  )

  add(name: string, steps: number, job: Partial<Pick<ReaderJob, 'isLong' | 'budgetMs'>> = {}): void {
    this.turns.add({
      steps: this.#work(name, steps),
      isLong: true,
      budgetMs: undefined,
      done: () => void this.told.push(`${name} done`),
      failed: (error) => void this.told.push(`${name} ${(error as { code?: string }).code}`),
      ...job,
    })
  }

  /** False if there is nothing more to do. */
  turn(): boolean {
    const next = this.#later.shift()
    next?.()
    return next !== undefined
  }

  *#work(name: string, steps: number): Generator<void, unknown, void> {
    for (let i = 0; i < steps; i++) {
      this.#nowMs += STEP_MS
      if (i === 0) this.told.push(`${name} begins`)
      yield
    }
    return name
  }
}

test('a short question is answered between the slices of a long one, and a second long one after it', () => {
  const site = new Site()
  site.add('long', 12)
  site.add('second', 1)
  site.turn()
  site.add('short', 20, { isLong: false })
  while (site.turn());
  assert.deepEqual(site.told, [
    'long begins',
    'short begins',
    'short done',
    'long done',
    'second begins',
    'second done',
  ])
})

test('a question that takes more than its time is refused with a hint, whoever waited meanwhile, and the next goes on', () => {
  const site = new Site()
  site.add('endless', 1_000_000, { budgetMs: 200 })
  site.add('within', 19, { budgetMs: 200 })
  while (site.turn());
  assert.deepEqual(site.told, ['endless begins', 'endless RANGE_INVALID', 'within begins', 'within done'])
})
