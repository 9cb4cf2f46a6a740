import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ThemeChoice } from './theme.ts'

/** What ThemeChoice uses of the browser. */
function browser(prefersLight: boolean, stored: string | null) {
  const kept = new Map(stored === null ? [] : [['godwit-theme', stored]])
  let onChange = (): void => {}
  const preference = {
    matches: prefersLight,
    addEventListener: (_: string, run: () => void) => {
      onChange = run
    },
  }
  const root = { dataset: {} as Record<string, string> }
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  }
  const choice = new ThemeChoice(
    root as unknown as HTMLElement,
    preference as unknown as MediaQueryList,
    storage as unknown as Storage,
  )
  const prefer = (light: boolean): void => {
    preference.matches = light
    onChange()
  }
  return { choice, root, kept, prefer }
}

test('the system decides until someone chooses, and the choice is kept', () => {
  const { choice, kept, prefer } = browser(true, null)
  assert.equal(choice.theme.value, 'light')
  prefer(false)
  assert.equal(choice.theme.value, 'dark')
  choice.toggle()
  assert.equal(choice.theme.value, 'light')
  assert.equal(kept.get('godwit-theme'), 'light')
  prefer(true)
  prefer(false)
  assert.equal(choice.theme.value, 'light')
})

test('the style sheet has changed before anyone is told, so that colors are read from the new theme', () => {
  const { choice, root, prefer } = browser(false, null)
  const seen: [string, string | undefined][] = []
  choice.theme.subscribe((theme) => seen.push([theme, root.dataset['theme']]))
  choice.toggle()
  prefer(true)
  assert.deepEqual(seen, [
    ['dark', 'dark'],
    ['light', 'light'],
  ])
})

test('a stored choice that makes no sense is the preference of the system', () => {
  assert.equal(browser(true, 'purple').choice.theme.value, 'light')
})
