import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HttpApi } from '../api/http-api.ts'
import { EMPTY_RANGE } from '../api/range-answer.ts'
import { connected, schemaText, tickMessages, UUID } from '../api/test-live.ts'
import { CollectorSession, type Loading } from './collector-session.ts'

/** A session whose range is asked for, while two ticks come; `answer` is what the server says to it in the end. */
async function sessionAfter(answer: Response, loading: Loading): Promise<CollectorSession> {
  const asked = Promise.withResolvers<Response>()
  const api = new HttpApi((path) =>
    (path as string).includes('/query')
      ? asked.promise
      : Promise.resolve(Response.json({ id: UUID, lastTickMs: null })),
  )
  const { clock, live, wires } = connected()
  const session = new CollectorSession(UUID, { mode: 'live', rangeMs: 300_000 }, api, live, clock)
  for (const data of [schemaText(), ...tickMessages([1.5, 2.5])]) wires[0]?.onmessage?.({ data })
  asked.resolve(answer)
  await new Promise<void>((resolve) => {
    session.loading.subscribe((now) => now === loading && resolve())
  })
  clock.runDue()
  clock.runDue()
  return session
}

test('ticks that came while a range was on its way are shown behind it', async () => {
  const session = await sessionAfter(Response.json(EMPTY_RANGE), 'loaded')
  assert.deepEqual(session.scene.frame.timestampsMs, [5000, 6000])
  session.dispose()
})

test('ticks that came while a range was on its way are shown even if the server refuses the range', async () => {
  const session = await sessionAfter(new Response('', { status: 503 }), 'failed')
  assert.deepEqual(session.scene.frame.timestampsMs, [5000, 6000])
  session.dispose()
})

test('the time that a machine is up is of the newest tick, whatever range is shown', () => {
  const { clock, live, wires } = connected()
  const pending = new HttpApi(() => new Promise(() => {}))
  const session = new CollectorSession(UUID, { mode: 'fixed', fromMs: 1000, toMs: 2000 }, pending, live, clock)
  for (const data of [schemaText('uptime_seconds'), ...tickMessages([41, 42], 'uptime_seconds')])
    wires[0]?.onmessage?.({ data })
  assert.equal(session.uptimeSeconds.value, 42)
  session.dispose()
})
