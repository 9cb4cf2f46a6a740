import type { JSX } from 'preact'
import { useApp } from './app-context.ts'
import { openHelp } from './help-dialog.tsx'
import { ChevronIcon, HelpIcon, MoonIcon, SunIcon } from './icons.tsx'
import { Logo } from './logo.tsx'

export function TopBar(): JSX.Element {
  const { router, fleet, themeChoice } = useApp()
  const route = router.route.value
  const dark = themeChoice.theme.value === 'dark'
  return (
    <header class="top-bar">
      <a class="brand" href="/" aria-label="Godwit, the fleet">
        <Logo />
        <span>Godwit</span>
      </a>
      {route.page === 'collector' && (
        <nav class="crumbs" aria-label="Where this page is">
          <ChevronIcon />
          <a href="/">Fleet</a>
          <ChevronIcon />
          <b>{fleet.collectors.value?.get(route.id)?.name ?? route.id.slice(0, 8)}</b>
        </nav>
      )}
      <div class="spacer" />
      <LiveSign />
      <button
        type="button"
        class="icon-button"
        onClick={openHelp}
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
      >
        <HelpIcon />
      </button>
      <button
        type="button"
        class="icon-button"
        onClick={() => themeChoice.toggle()}
        aria-label={dark ? 'Light theme' : 'Dark theme'}
        title={dark ? 'Light theme' : 'Dark theme'}
      >
        {dark ? <SunIcon /> : <MoonIcon />}
      </button>
    </header>
  )
}

function LiveSign(): JSX.Element {
  const { status } = useApp().live.connection.value
  const text = status === 'open' ? 'Connected' : status === 'lost' ? 'Reconnecting' : 'Connecting'
  return (
    <span class={`live-sign is-${status}`} role="status">
      <i />
      {text}
    </span>
  )
}
