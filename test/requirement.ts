/**
 * For the `skip` option of a test that this machine may not be able to run: false when `met`, else the reason, which the
 * runner prints beside the test's name. With GODWIT_CI=1 nothing may be skipped, so it throws instead.
 */
export function skipUnless(met: boolean, reason: string): string | false {
  if (met) return false
  if (process.env['GODWIT_CI'] === '1') throw new Error(`GODWIT_CI=1 skips nothing, yet this machine lacks: ${reason}`)
  return reason
}
