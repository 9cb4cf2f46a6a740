import type { JSX } from 'preact'
import { useApp } from './app-context.ts'
import { CollectorPage } from './collector-page.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { FleetPage } from './fleet-page.tsx'
import { HelpDialog } from './help-dialog.tsx'
import { TopBar } from './top-bar.tsx'

export function App(): JSX.Element {
  return (
    <>
      <TopBar />
      <ConnectionBanner />
      <main>
        <Page />
      </main>
      <HelpDialog />
    </>
  )
}

function Page(): JSX.Element {
  const route = useApp().router.route.value
  switch (route.page) {
    case 'fleet':
      return <FleetPage />
    case 'collector':
      return <CollectorPage key={route.id} id={route.id} />
    case 'unknown':
      return (
        <div class="notice">
          <h1>There is nothing here</h1>
          <p>
            The fleet is <a href="/">over there</a>.
          </p>
        </div>
      )
  }
}
