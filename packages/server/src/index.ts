export { SERVER_ERRORS, ServerError, type ServerErrorCode } from './errors.ts'
export { exportTicks } from './query/tick-export.ts'
export { type RunningServer, type ServerSetup, startServer } from './server.ts'
export { SqliteReader } from './store/sqlite/sqlite-reader.ts'
