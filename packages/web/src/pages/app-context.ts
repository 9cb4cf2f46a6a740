import type { ReadonlySignal } from '@preact/signals'
import { type Context, createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { HttpApi } from '../api/http-api.ts'
import type { LiveSocket } from '../api/live-socket.ts'
import type { Clock } from '../clock.ts'
import type { Fleet } from '../state/fleet.ts'
import type { Router } from '../state/router.ts'
import type { Palette } from '../theme/palette.ts'
import type { ThemeChoice } from '../theme/theme.ts'

/** What main.ts wires together for all pages. */
export interface AppServices {
  readonly api: HttpApi
  readonly live: LiveSocket
  readonly fleet: Fleet
  readonly router: Router
  readonly themeChoice: ThemeChoice
  readonly palette: ReadonlySignal<Palette>
  readonly clock: Clock
  /** Unix ms, moving on each second. */
  readonly nowMs: ReadonlySignal<number>
  /** 'Start a collector' names this address. */
  readonly serverHost: string
}

export const AppContext: Context<AppServices | null> = createContext<AppServices | null>(null)

export function useApp(): AppServices {
  const services = useContext(AppContext)
  if (services === null) throw new Error('no AppContext above this component')
  return services
}
