export { COLLECTOR_ERRORS, CollectorError, type CollectorErrorCode } from './errors.ts'
export type { CollectorOptions } from './options.ts'
