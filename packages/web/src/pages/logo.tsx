import type { JSX } from 'preact'

/** A bar-tailed godwit in flight: long upturned bill, pointed wings. */
export function Logo(): JSX.Element {
  return (
    <svg class="logo" viewBox="0 0 40 28" width="34" height="24" aria-hidden="true">
      <path class="logo-wing-far" d="M17.2 14.2 C16.4 9.2 18.2 4.6 22.6 1 C22.4 5.4 22.9 9.4 23.8 13.2 Z" />
      <path
        class="logo-body"
        d="M4 18.6 C8.4 15.4 13.4 13.4 19 13 C22.6 12.7 25 12.4 26.8 11.2 C27.8 10.5 29 10.2 30 10.6 L39.4 8.2 L30.6 12.2 C29.4 13.6 27.8 15.2 25.4 16.6 C21 19.1 15.4 19.6 10.6 18.8 L4.6 20.4 Z"
      />
      <path
        class="logo-wing"
        d="M13.4 15.8 C15.4 14 19 13.2 22.6 14 C21.6 19.6 17.6 24.2 10.2 27.2 C12.4 23.4 13.2 19.8 13.4 15.8 Z"
      />
    </svg>
  )
}
