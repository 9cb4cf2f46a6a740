import type { ApiContext } from './api-context.ts'
import type { CompletenessCache } from './completeness-cache.ts'
import type { UnsentAnswers } from './unsent-answers.ts'
import type { WorkLimit } from './work-limit.ts'

/** What every route gets: what the server was given, and what its routes share. */
export interface RouteContext extends ApiContext {
  readonly work: WorkLimit
  readonly answers: UnsentAnswers
  readonly completeness: CompletenessCache
}
