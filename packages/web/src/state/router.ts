import { type ReadonlySignal, type Signal, signal } from '@preact/signals'

export type Route =
  | { readonly page: 'fleet' }
  | { readonly page: 'collector'; readonly id: string }
  | { readonly page: 'unknown' }

/** The page of a path: `/` or `/collectors/:id`. */
export function routeOf(path: string): Route {
  if (path === '/' || path === '/collectors' || path === '/collectors/') return { page: 'fleet' }
  const id = /^\/collectors\/([0-9a-zA-Z-]+)\/?$/.exec(path)?.[1]
  return id === undefined ? { page: 'unknown' } : { page: 'collector', id }
}

/** The address bar. */
export class Router {
  readonly route: ReadonlySignal<Route>
  readonly #route: Signal<Route>
  readonly #window: Window

  constructor(window: Window) {
    this.#window = window
    this.#route = signal(routeOf(window.location.pathname))
    this.route = this.#route
    window.addEventListener('popstate', () => this.#read())
    window.document.addEventListener('click', (event) => this.#followLink(event))
  }

  get query(): string {
    return this.#window.location.search
  }

  go(path: string): void {
    this.#window.history.pushState(null, '', path)
    this.#read()
    this.#window.scrollTo(0, 0)
  }

  /** Puts a query behind the path without a step in the history. */
  setQuery(query: string): void {
    this.#window.history.replaceState(null, '', this.#window.location.pathname + query)
  }

  #read(): void {
    this.#route.value = routeOf(this.#window.location.pathname)
  }

  /** Links within the page change the page; with a modifier or another button they stay the browser's. */
  #followLink(event: MouseEvent): void {
    const modified = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (
      modified ||
      event.defaultPrevented ||
      link === null ||
      link.target !== '' ||
      link.origin !== this.#window.location.origin
    )
      return
    event.preventDefault()
    this.go(link.pathname + link.search)
  }
}
