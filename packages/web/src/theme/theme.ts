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
      const preferred = preference.matches ? 'light' : 'dark'
      this.#apply(this.#chosen.peek() ?? preferred)
      this.#preferred.value = preferred
    })
    this.theme = computed(() => this.#chosen.value ?? this.#preferred.value)
    this.#apply(this.theme.peek())
  }

  toggle(): void {
    const next = this.theme.value === 'dark' ? 'light' : 'dark'
    this.#storage?.setItem(STORAGE_KEY, next)
    this.#apply(next)
    this.#chosen.value = next
  }

  /** Comes before the signals change: who listens to them reads colors from the style sheet at once. */
  #apply(theme: Theme): void {
    this.#root.dataset['theme'] = theme
  }
}
