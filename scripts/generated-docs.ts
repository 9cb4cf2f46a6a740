import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Metric } from '../packages/protocol/src/metric/catalogue.ts'

/** A row of COMMANDS in packages/godwit/src/commands/command-table.ts. */
interface CommandRow {
  readonly name: string
  readonly summary: string
  readonly flags: readonly FlagRow[]
}

interface FlagRow {
  readonly name: string
  readonly value?: string | undefined
  readonly default?: string | number | undefined
  readonly help: string
  readonly env?: string | undefined
}

/** What a page is made from. The page says so at its top. */
interface Page {
  readonly path: string
  readonly sources: readonly { readonly path: string; readonly name: string }[]
  readonly render: (catalogues: readonly unknown[]) => string
}

const ROOT = join(import.meta.dirname, '..')

const PAGES: readonly Page[] = [
  {
    path: 'docs/errors.md',
    sources: [
      { path: 'packages/protocol/src/errors.ts', name: 'PROTOCOL_ERRORS' },
      { path: 'packages/collector/src/errors.ts', name: 'COLLECTOR_ERRORS' },
      { path: 'packages/server/src/errors.ts', name: 'SERVER_ERRORS' },
      { path: 'packages/server/src/api/problem.ts', name: 'API_ERRORS' },
      { path: 'packages/godwit/src/errors.ts', name: 'GODWIT_ERRORS' },
    ],
    render: (catalogues) => errorsPage(catalogues as readonly (ErrorCatalogue | undefined)[]),
  },
  {
    path: 'docs/metrics.md',
    sources: [{ path: 'packages/protocol/src/metric/catalogue.ts', name: 'METRICS' }],
    render: ([metrics]) => metricsPage((metrics ?? []) as readonly Metric[]),
  },
  {
    path: 'docs/commands.md',
    sources: [{ path: 'packages/godwit/src/commands/command-table.ts', name: 'COMMANDS' }],
    render: ([commands]) => commandsPage((commands ?? []) as readonly CommandRow[]),
  },
]

type ErrorCatalogue = Readonly<Record<string, string>>

export interface GeneratedPage {
  /** From the root of the repository. */
  readonly path: string
  readonly text: string
  /** Catalogues that do not exist, as `path (NAME)`; the text leaves them out. */
  readonly missing: readonly string[]
}

/** The pages of docs/ that are tables of what the code holds. */
export async function generatedDocs(): Promise<GeneratedPage[]> {
  return Promise.all(
    PAGES.map(async ({ path, sources, render }) => {
      const catalogues = await Promise.all(sources.map((source) => catalogueOf(source)))
      const missing = sources.filter((_, at) => catalogues[at] === undefined).map((s) => `${s.path} (${s.name})`)
      return { path, text: render(catalogues), missing }
    }),
  )
}

async function catalogueOf({ path, name }: Page['sources'][number]): Promise<unknown> {
  const file = join(ROOT, path)
  if (!existsSync(file)) return undefined
  const module = (await import(file)) as Record<string, unknown>
  return module[name]
}

function errorsPage(catalogues: readonly (ErrorCatalogue | undefined)[]): string {
  const sections = ['protocol', 'collector', 'server', 'HTTP', 'godwit'].flatMap((who, at) => {
    const catalogue = catalogues[at]
    if (catalogue === undefined) return []
    return [
      `## ${who}\n`,
      table(
        ['code', 'meaning'],
        Object.entries(catalogue).map(([code, text]) => [`\`${code}\``, text]),
      ),
    ]
  })
  return page(
    'Errors',
    'Every error code that logs, counters, answers and exit messages name. Codes are never reused.',
    sections,
  )
}

function metricsPage(metrics: readonly Metric[]): string {
  const sections = [...Map.groupBy(metrics, (metric) => metric.group)].flatMap(([group, rows]) => [
    `## ${group}\n`,
    table(
      ['metric', 'kind', 'unit', 'resolution', 'labels', 'meaning'],
      rows.map((metric) => [
        `\`${metric.name}\``,
        metric.kind,
        metric.unit,
        metric.resolution === null ? '64-bit float' : String(metric.resolution),
        metric.labels.map((label) => `\`${label}\``).join(', '),
        metric.help,
      ]),
    ),
  ])
  return page(
    'Metrics',
    'Every metric that a collector may send. A value is an integer multiple of the resolution; counters are raw totals, and rates are computed by the reader.',
    sections,
  )
}

function commandsPage(commands: readonly CommandRow[]): string {
  const sections = commands.flatMap(({ name, summary, flags }) => [
    `## godwit ${name}\n`,
    `${summary}\n`,
    ...(flags.length === 0 ? [] : [flagsTable(flags)]),
  ])
  return page(
    'Commands',
    'What `godwit COMMAND --help` prints. A flag wins over its variable, a variable over the configuration file.',
    sections,
  )
}

function flagsTable(flags: readonly FlagRow[]): string {
  return table(
    ['flag', 'default', 'variable', 'meaning'],
    flags.map((flag) => [
      `\`--${flag.name.replace(/^--/, '')}${flag.value === undefined ? '' : ` ${flag.value}`}\``,
      flag.default === undefined ? '' : `\`${flag.default}\``,
      flag.env === undefined ? '' : `\`${flag.env}\``,
      flag.help,
    ]),
  )
}

function page(title: string, lead: string, sections: readonly string[]): string {
  return [
    `# ${title}\n`,
    'Made by `npm run docs`; change the table in the code instead.\n',
    `${lead}\n`,
    ...sections,
  ].join('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`
}
