export { exportTicks } from './query/tick-export.ts'
export { type RunningServer, startServer } from './server.ts'
export { SqliteReader } from './store/sqlite/sqlite-reader.ts'
