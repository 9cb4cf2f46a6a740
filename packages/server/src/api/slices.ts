/** What is done with so many collectors takes some ms. */
export const SLICE_LENGTH = 1000

/** The items in groups, with a turn of the event loop between two: 100,000 at once would make everybody else wait. */
export async function* inSlices<T>(items: Iterable<T>): AsyncGenerator<T[], void, undefined> {
  let slice: T[] = []
  for (const item of items) {
    slice.push(item)
    if (slice.length < SLICE_LENGTH) continue
    yield slice
    slice = []
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (slice.length > 0) yield slice
}
