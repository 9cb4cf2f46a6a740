import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { RANGES } from '../state/view.ts'
import { onKey } from './keyboard.ts'

const DIALOG_ID = 'help'

const SHORTCUTS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['/'], 'filter the fleet'],
  [['Esc'], 'clear the filter; leave a zoomed range'],
  [['1', '…', String(RANGES.length)], `show the last ${RANGES.map(({ label }) => label).join(', ')}`],
  [['←', '→'], 'go back and forth in time'],
  [['drag'], 'zoom into a part of a chart'],
  [['double click'], 'back to live'],
  [['?'], 'this list'],
]

export function openHelp(): void {
  const dialog = document.getElementById(DIALOG_ID)
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal()
}

export function HelpDialog(): JSX.Element {
  useEffect(() => onKey((key) => key === '?' && openHelp()), [])
  return (
    <dialog id={DIALOG_ID} onClick={(event) => event.target === event.currentTarget && event.currentTarget.close()}>
      <h2>Keyboard and mouse</h2>
      <dl>
        {SHORTCUTS.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit" class="button">
          Close
        </button>
      </form>
    </dialog>
  )
}
