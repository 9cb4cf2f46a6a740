export type { CollectorOptions } from './options.ts'
