import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** Whether the element is on the screen or within `marginPx` of it. */
export function useInView(ref: RefObject<Element | null>, marginPx: number): boolean {
  const [inView, setInView] = useState(false)
  useEffect(() => {
    const element = ref.current
    if (element === null) return undefined
    const observer = new IntersectionObserver((entries) => setInView(entries.at(-1)?.isIntersecting ?? false), {
      rootMargin: `${marginPx}px 0px`,
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [ref, marginPx])
  return inView
}
