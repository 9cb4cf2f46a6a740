import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useApp } from './app-context.ts'
import { CopyIcon } from './icons.tsx'
import { Logo } from './logo.tsx'

export function EmptyFleet(): JSX.Element {
  const { serverHost } = useApp()
  const command = `godwit collect --server ${serverHost}:9004 --state ./godwit-state`
  return (
    <div class="empty">
      <Logo />
      <h1>No collector has landed yet</h1>
      <p>Start one on any machine that reaches this server. It appears here with its first tick, without a reload.</p>
      <CopyableCommand command={command} />
      <ul>
        <li>Each second is kept on the machine until this server has stored it.</li>
        <li>The state directory holds its identity: keep it over restarts.</li>
      </ul>
    </div>
  )
}

function CopyableCommand({ command }: { command: string }): JSX.Element {
  const [copied, setCopied] = useState(false)
  const copy = async (): Promise<void> => {
    // Plain HTTP from another machine has no clipboard; the text can be selected.
    await navigator.clipboard?.writeText(command)
    setCopied(navigator.clipboard !== undefined)
  }
  return (
    <div class="command">
      <code>{command}</code>
      <button type="button" class="icon-button" onClick={() => void copy()} aria-label="Copy the command" title="Copy">
        {copied ? <span class="copied">copied</span> : <CopyIcon />}
      </button>
    </div>
  )
}
