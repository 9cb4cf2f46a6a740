import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser, skipUnlessBrowser } from './browser.ts'
import { type CollectorProcess, type ServerProcess, startCollector, startServer } from './godwit.ts'
import { countColors, ShownChart } from './shown-chart.ts'
import { StartedProcess } from './started-process.ts'
import { storedTicks } from './stored-ticks.ts'
import { TemporaryDirectory } from './temporary-directory.ts'
import { until } from './until.ts'

const SECOND_MS = 1000
const SPIKE_SECONDS = 4
const OUTAGE_SECONDS = 5
/** Of all processors together; what else the machine does only adds to it. */
const BUSY_PERCENT = 75
/** Where the last 75 seconds begin on a chart of five minutes. */
const RECENT_RATIO = 0.75

const skip = await skipUnlessBrowser()

const dir = new TemporaryDirectory()
const opened = new AsyncDisposableStack()
let server: ServerProcess
let collector: CollectorProcess
let browser: Browser
let page: Page
/** What the browser complained of, while the server was there. */
const complaints: string[] = []
let isServerDown = false

before(async () => {
  if (skip !== false) return
  opened.use(dir)
  server = opened.use(await startServer(dir.at('data')))
  const settings = { wirePort: server.wirePort, stateDir: dir.at('state'), intervalMs: SECOND_MS, flushMs: SECOND_MS }
  collector = opened.use(await startCollector({ ...settings, name: 'this machine', backoffCapMs: 500 }))
  browser = opened.use(await launchBrowser())
  const context = await browser.newContext({
    timezoneId: 'UTC',
    viewport: { width: 1280, height: 900 },
  })
  page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    const isOfOutage =
      isServerDown && /ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/.test(message.text())
    if (['error', 'warning'].includes(message.type()) && !isOfOutage) complaints.push(message.text())
  })
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      throw new Error(`${violatedDirective} refused ${blockedURI}`)
    })
  })
})
after(() => opened.disposeAsync())

test('the fleet page shows this machine live, with a line of its processor', { skip }, async () => {
  await page.goto(server.http)
  const row = page.locator('.fleet-row', { hasText: 'this machine' })
  await row.locator('.state', { hasText: 'live' }).waitFor()
  await until('a value', async () => /\d/.test(await row.locator('.spark-value').first().innerText()))
  await until('a line', async () => (await row.locator('canvas').first().evaluate(countColors)) > 2)
  await until('its last tick', async () => (await row.locator('.fleet-state').innerText()).includes('now'))
  assert.equal(await page.title(), 'Fleet · Godwit')
})

test('a processor that is busy for some seconds is seen, second by second', { skip }, async () => {
  await page.locator('.fleet-row', { hasText: 'this machine' }).click()
  await page.waitForURL(`${server.http}/collectors/${collector.id}`)
  assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), 'this machine')
  const chart = new ShownChart(page, 'Processor time')
  await until('a value in the legend', async () => (await chart.legend())['user'] !== undefined)
  const spike = await keepBusy(chart)
  const told = await until('the seconds after it', async () => {
    const rows = await chart.sweep(RECENT_RATIO)
    return rows.some(({ time }) => spike.timesAfter.includes(time)) && rows
  })
  const busyTimes = told
    .filter(({ values }) => (values['user'] ?? 0) + (values['system'] ?? 0) >= BUSY_PERCENT)
    .map(({ time }) => time)
  const within = spike.times.filter((time) => busyTimes.includes(time))
  assert.ok(
    within.length >= SPIKE_SECONDS - 2,
    `busy at ${busyTimes.join(' ')}, which should have been ${spike.times.join(' ')}`,
  )
  assert.ok((await chart.colors()) > 4)
})

test('a server that is gone is told of, and the seconds in between come when it is back', { skip }, async () => {
  const chart = new ShownChart(page, 'Processor time')
  const banner = page.getByRole('alert')
  assert.equal(await banner.count(), 0)
  isServerDown = true
  await server.process.crash()
  const killedMs = Date.now()
  await banner.waitFor()
  assert.match(await banner.innerText(), /Server unreachable since \d\d:\d\d:\d\d/)
  await until('the outage', () => Date.now() - killedMs > OUTAGE_SECONDS * SECOND_MS)
  const backMs = Date.now()
  server = opened.use(await startServer(dir.at('data'), server))
  await banner.waitFor({ state: 'detached' })
  isServerDown = false

  const outage = timesBetween(killedMs, backMs)
  assert.ok(outage.length >= OUTAGE_SECONDS - 1)
  await until('the seconds of the outage on the chart', async () => {
    const rows = await chart.sweep(RECENT_RATIO)
    const known = new Set(rows.filter(({ values }) => values['user'] !== undefined).map(({ time }) => time))
    // A pixel is more than half a second: each of them, bar one at the edges, is under some pixel.
    return outage.filter((time) => known.has(time)).length >= outage.length - 1 && known.has(timeOf(backMs + SECOND_MS))
  })
  const unknown = (await chart.sweep(RECENT_RATIO)).filter(
    ({ time, values }) => outage.includes(time) && values['user'] === undefined,
  )
  assert.deepEqual(unknown, [])
  assert.equal(await page.locator('.coverage details').count(), 0, 'nothing is missing')
  const stored = await storedTicks(server.http, collector.id)
  const storedTimes = new Set(stored.map(({ wallMs }) => timeOf(wallMs)))
  assert.deepEqual(
    outage.filter((time) => !storedTimes.has(time)),
    [],
  )
})

test('the browser had nothing to complain of', { skip }, () => {
  assert.deepEqual(complaints, [])
})

/** Makes all processors busy until the chart's legend has said so for some seconds. */
async function keepBusy(chart: ShownChart): Promise<{ readonly times: string[]; readonly timesAfter: string[] }> {
  // Ends by itself, should this process die.
  const spin = `const end = Date.now() + 30_000; while (Date.now() < end) {}`
  await using spinners = new AsyncDisposableStack()
  const startMs = Date.now()
  for (let i = 0; i < availableParallelism(); i++) spinners.use(new StartedProcess(['-e', spin]))
  await until('a busy processor in the legend', async () => {
    const { user = 0, system = 0 } = await chart.legend()
    return user + system >= BUSY_PERCENT && Date.now() - startMs > SPIKE_SECONDS * SECOND_MS
  })
  const endMs = Date.now()
  // The tick at the end of a second tells of that second; those that were busy from end to end count.
  return {
    times: timesBetween(startMs + SECOND_MS, endMs),
    timesAfter: timesBetween(endMs + 1, endMs + 10 * SECOND_MS),
  }
}

/** The full seconds from one time to another, HH:MM:SS. */
function timesBetween(fromMs: number, toMs: number): string[] {
  const times: string[] = []
  for (let ms = Math.ceil(fromMs / SECOND_MS) * SECOND_MS; ms <= toMs; ms += SECOND_MS) times.push(timeOf(ms))
  return times
}

function timeOf(unixMs: number): string {
  return new Date(unixMs).toISOString().slice(11, 19)
}
