import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'

export type Theme = 'dark' | 'light'

const STORAGE_KEY = 'godwit-theme'

/** The theme of the page: what was chosen with the toggle, else what the system prefers. */
export class ThemeChoice {
  readonly theme: ReadonlySignal<Theme>
  readonly #chosen: Signal<Theme | null>
  readonly #preferred: Signal<Theme>
  readonly #storage: Storage | null
  readonly #root: HTMLElement

  constructor(root: HTMLElement, preference: MediaQueryList, storage: Storage | null) {
    this.#root = root
    this.#storage = storage
    const stored = storage?.getItem(STORAGE_KEY)
    this.#chosen = signal(stored === 'dark' || stored === 'light' ? stored : null)
    this.#preferred = signal(preference.matches ? 'light' : 'dark')
    preference.addEventListener('change', () => {
      this.#preferred.value = preference.matches ? 'light' : 'dark'
      this.#apply()
    })
    this.theme = computed(() => this.#chosen.value ?? this.#preferred.value)
    this.#apply()
  }

  toggle(): void {
    const next = this.theme.value === 'dark' ? 'light' : 'dark'
    this.#storage?.setItem(STORAGE_KEY, next)
    this.#chosen.value = next
    this.#apply()
  }

  #apply(): void {
    // Before anything that listens to the theme reads colors from the style sheet.
    this.#root.dataset['theme'] = this.theme.peek()
  }
}
