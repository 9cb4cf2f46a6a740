import type { DatabaseSync } from 'node:sqlite'
import type { CollectorNo, TaskRecord, TaskState } from '../store.ts'

/** The commands that wait for collectors, and what became of them. */
export class TaskTable {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  add(collectorNo: CollectorNo, kind: string, nowMs: number): TaskRecord {
    const row = this.#database
      .prepare(
        `INSERT INTO task (collector, kind, state, created_ms, changed_ms, detail) VALUES (?, ?, 'waiting', ?, ?, '') RETURNING *`,
      )
      .get(collectorNo, kind, nowMs, nowMs)
    return taskOf(row as Record<string, unknown>)
  }

  /** Newest first. */
  list(collectorNo: CollectorNo): TaskRecord[] {
    const select = this.#database.prepare('SELECT * FROM task WHERE collector = ? ORDER BY id DESC LIMIT 100')
    return select.all(collectorNo).map(taskOf)
  }

  take(collectorNo: CollectorNo, states: readonly TaskState[], nowMs: number): TaskRecord | null {
    // Asked at every Hello, and nearly always in vain: only a task that is there is worth a write.
    const oldest = this.#database.prepare(
      'SELECT min(id) AS id FROM task WHERE collector = ? AND state IN (SELECT value FROM json_each(?))',
    )
    const id = oldest.get(collectorNo, JSON.stringify(states))?.['id']
    if (typeof id !== 'number') return null
    const update = this.#database.prepare(`UPDATE task SET state = 'sent', changed_ms = ? WHERE id = ? RETURNING *`)
    return taskOf(update.get(nowMs, id) as Record<string, unknown>)
  }

  finish(collectorNo: CollectorNo, taskId: number, state: 'done' | 'failed', detail: string, nowMs: number): void {
    this.#database
      .prepare('UPDATE task SET state = ?, detail = ?, changed_ms = ? WHERE id = ? AND collector = ?')
      .run(state, detail, nowMs, taskId, collectorNo)
  }
}

function taskOf(row: Record<string, unknown>): TaskRecord {
  return {
    id: Number(row['id']),
    kind: String(row['kind']),
    state: row['state'] as TaskState,
    createdMs: Number(row['created_ms']),
    changedMs: Number(row['changed_ms']),
    detail: String(row['detail']),
  }
}
