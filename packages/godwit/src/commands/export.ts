import { LIMITS } from '@godwit/protocol'
import { GodwitError } from '../errors.ts'
import { DirectorySource } from '../export/directory-source.ts'
import { HttpSource } from '../export/http-source.ts'
import { matchCollector } from '../export/match-collector.ts'
import type { TickSource } from '../export/tick-source.ts'
import { writeTicks } from '../export/write-ticks.ts'
import { Progress } from '../terminal/progress.ts'
import { type CommandContext, OUTPUT_CLOSED } from './command-context.ts'
import type { CommandOptions } from './command-table.ts'
import { dataDirectory } from './data-directory.ts'

type ExportOptions = CommandOptions<'export'>

/** Prints ticks on stdout. Rejects with FLAG_REQUIRED, FLAGS_EXCLUDE, VALUE_INVALID, COLLECTOR_… and what the source fails of. */
export async function runExport(options: ExportOptions, context: CommandContext): Promise<void> {
  const { from: fromMs = 0, to: toMs = LIMITS.wallMs, format } = options
  if (fromMs > toMs) {
    throw new GodwitError('VALUE_INVALID', {
      what: `--from (${isoTime(fromMs)}) is later than --to (${isoTime(toMs)})`,
      hint: 'give the earlier time to --from; without --to the newest tick is the last one',
    })
  }
  const source = sourceOf(options, context)
  // A count is for who looks on; on a terminal the ticks themselves are to be seen.
  const isWatched = context.stderr.isTTY === true && context.stdout.isTTY !== true
  const progress = new Progress(context.stderr, context.clock, isWatched)
  let lines = 0
  try {
    const { id } = matchCollector(options.collector, await source.collectors())
    const ticks = source.ticks({ collectorId: id, fromMs, toMs, format })
    const wrote = (count: number): void => {
      lines = count
      progress.draw(() => `${lines.toLocaleString('en-US')} lines`)
    }
    await writeTicks(ticks, context.stdout, context.stop, wrote)
  } catch (error) {
    if (!context.stop.aborted) throw error
  } finally {
    progress.clear()
    await source.close()
  }
  // Whoever closed our output (`| head`) has read enough; whoever stopped us has only a part.
  if (context.stop.aborted && context.stop.reason !== OUTPUT_CLOSED) throw new GodwitError('INTERRUPTED')
  const headLines = format === 'csv' ? 1 : 0
  if (lines <= headLines && !context.stop.aborted) context.stderr.write('no ticks in this range\n')
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString()
}

function sourceOf({ data, url }: ExportOptions, context: CommandContext): TickSource {
  if (data !== undefined && url !== undefined) {
    throw new GodwitError('FLAGS_EXCLUDE', {
      what: '--data and --url exclude one another',
      hint: 'leave one of them out',
    })
  }
  if (url !== undefined) return new HttpSource(url, context.stop)
  if (data !== undefined) return new DirectorySource(dataDirectory(data))
  throw new GodwitError('FLAG_REQUIRED', {
    what: '`godwit export` needs --data DIR or --url URL',
    hint: 'for a server that runs here: --url http://127.0.0.1:9005',
  })
}
