import './format/usable-language.ts'

import { computed, signal } from '@preact/signals'
import { render } from 'preact'
import 'uplot/dist/uPlot.min.css'
import './theme/tokens.css'
import './theme/base.css'
import './theme/top-bar.css'
import './theme/help.css'
import './theme/fleet.css'
import './theme/collector.css'
import { HttpApi } from './api/http-api.ts'
import { LiveSocket } from './api/live-socket.ts'
import type { Clock } from './clock.ts'
import { App } from './pages/app.tsx'
import { AppContext } from './pages/app-context.ts'
import { Fleet } from './state/fleet.ts'
import { Router } from './state/router.ts'
import { readPalette } from './theme/palette.ts'
import { ThemeChoice } from './theme/theme.ts'

const clock: Clock = {
  nowMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
  every: (intervalMs, run) => {
    const timer = setInterval(run, intervalMs)
    return () => clearInterval(timer)
  },
  nextFrame: (run) => {
    const frame = requestAnimationFrame(run)
    return () => cancelAnimationFrame(frame)
  },
}

/** Private windows of some browsers refuse even to name it. */
function storageOrNull(): Storage | null {
  try {
    return window.localStorage
  } catch {
    return null
  }
}

const root = document.documentElement
const themeChoice = new ThemeChoice(root, matchMedia('(prefers-color-scheme: light)'), storageOrNull())
const palette = computed(() => readPalette(root, themeChoice.theme.value))

const api = new HttpApi(
  (input, init) => fetch(input, init),
  () => live.trust(),
)
const fleet = new Fleet(api, () => live.doubt())
const live = new LiveSocket(
  clock,
  () => new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/live`),
  (id, row) => fleet.update(id, row),
)
const nowMs = signal(clock.nowMs())
clock.every(1000, () => {
  nowMs.value = clock.nowMs()
})
live.connect()
fleet.start(clock)
live.epoch.subscribe(() => fleet.refresh())
window.addEventListener('online', () => live.connect())

const services = {
  api,
  live,
  fleet,
  router: new Router(window),
  themeChoice,
  palette,
  clock,
  nowMs,
  serverHost: location.hostname,
}

render(
  <AppContext.Provider value={services}>
    <App />
  </AppContext.Provider>,
  document.getElementById('app') as HTMLElement,
)
