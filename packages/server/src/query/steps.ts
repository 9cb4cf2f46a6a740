/** Work that stops at each yield, which comes every few milliseconds, and goes on when it is told to. */
export type Steps<T> = Generator<void, T, void>

/** All of it at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { value, done } = steps.next()
    if (done === true) return value
  }
}
