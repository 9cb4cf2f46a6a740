/**
 * Some systems give browsers a language that the browser's own Intl refuses (`en-US@posix`, from a POSIX locale), and uPlot asks for it
 * while it loads: the page would stay blank. To be imported before everything else.
 */
function isUsable(language: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf(language).length >= 0
  } catch {
    return false
  }
}

if (!isUsable(navigator.language)) {
  Object.defineProperty(navigator, 'language', { value: 'en', configurable: true })
  Object.defineProperty(navigator, 'languages', { value: ['en'], configurable: true })
}
