/** What a collector can be told to do. */
export const TASK_KINDS = ['shutdown'] as const

export type TaskKind = (typeof TASK_KINDS)[number]
