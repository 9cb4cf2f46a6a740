import type { OptionsOf } from './command.ts'

/** Every command. Help, parsing, GODWIT_… variables, TOML keys and docs/commands.md are made from this table. */
export const COMMANDS = [
  {
    name: 'up',
    summary: 'Server and a collector of this machine together, with a page to look at',
    flags: [
      {
        name: 'data',
        value: 'DIR',
        env: 'GODWIT_DATA',
        help: 'Where everything is stored; without it a directory of your user (XDG_DATA_HOME, ~/.local/share/godwit)',
      },
      {
        name: 'http',
        value: 'HOST:PORT',
        default: '127.0.0.1:9005',
        like: '127.0.0.1:9005, [::1]:9005 or server.lan:9005',
        env: 'GODWIT_HTTP',
        help: 'Where the page and the API are served; port 0 picks a free one',
      },
      {
        name: 'wire',
        value: 'HOST:PORT',
        default: '127.0.0.1:9004',
        env: 'GODWIT_WIRE',
        help: 'Where collectors connect; port 0 picks a free one',
      },
      {
        name: 'allow-plain',
        value: 'CIDR',
        multiple: true,
        env: 'GODWIT_ALLOW_PLAIN',
        help: 'From where collectors may connect without encryption, besides this machine; may be repeated',
      },
      {
        name: 'allow-host',
        value: 'NAME',
        multiple: true,
        env: 'GODWIT_ALLOW_HOST',
        help: 'A host name by which browsers reach the page, besides its address and localhost; may be repeated',
      },
      {
        name: 'interval',
        value: 'DURATION',
        default: '1s',
        min: '100ms',
        max: '1h',
        env: 'GODWIT_INTERVAL',
        help: 'How often this machine is sampled',
      },
    ],
    examples: [
      { line: 'godwit up', does: 'starts both, prints the address of the page' },
      { line: 'godwit up --http 127.0.0.1:0', does: 'the same where port 9005 is taken' },
    ],
  },
  {
    name: 'server',
    summary: 'The server: takes ticks from collectors, stores them, serves the page and the API',
    flags: [
      {
        name: 'data',
        value: 'DIR',
        required: true,
        env: 'GODWIT_DATA',
        configKey: 'data',
        help: 'Where everything is stored; made if it is not there',
      },
      {
        name: 'wire',
        value: 'HOST:PORT',
        default: '127.0.0.1:9004',
        env: 'GODWIT_WIRE',
        configKey: 'wire',
        help: 'Where collectors connect; port 0 picks a free one',
      },
      {
        name: 'http',
        value: 'HOST:PORT',
        default: '127.0.0.1:9005',
        like: '127.0.0.1:9005, [::1]:9005 or server.lan:9005',
        env: 'GODWIT_HTTP',
        configKey: 'http',
        help: 'Where the page and the API are served; port 0 picks a free one',
      },
      {
        name: 'allow-plain',
        value: 'CIDR',
        multiple: true,
        env: 'GODWIT_ALLOW_PLAIN',
        configKey: 'allow-plain',
        help: 'From where collectors may connect without encryption, besides this machine; may be repeated',
      },
      {
        name: 'allow-host',
        value: 'NAME',
        multiple: true,
        env: 'GODWIT_ALLOW_HOST',
        configKey: 'allow-host',
        help: 'A host name by which browsers reach the page, besides its address and localhost; may be repeated',
      },
      { name: 'config', value: 'FILE', env: 'GODWIT_CONFIG', help: 'A TOML file with any of the above' },
    ],
    examples: [
      { line: 'godwit server --data /var/lib/godwit', does: 'for this machine alone' },
      {
        line: 'godwit server --data /var/lib/godwit --wire 0.0.0.0:9004 --allow-plain 192.168.1.0/24',
        does: 'for collectors in a network that you trust',
      },
    ],
  },
  {
    name: 'collect',
    summary: 'The collector: samples this machine, queues its ticks in memory, carries them to the server',
    flags: [
      {
        name: 'server',
        value: 'HOST:PORT',
        required: true,
        env: 'GODWIT_SERVER',
        configKey: 'server',
        help: "The server's wire address",
      },
      {
        name: 'state',
        value: 'DIR',
        required: true,
        env: 'GODWIT_STATE',
        configKey: 'state',
        help: 'Where the identity of this collector is kept; made if it is not there',
      },
      {
        name: 'interval',
        value: 'DURATION',
        default: '1s',
        min: '100ms',
        max: '1h',
        env: 'GODWIT_INTERVAL',
        configKey: 'interval',
        help: 'How often the machine is sampled',
      },
      {
        name: 'flush',
        value: 'DURATION',
        default: '10s',
        min: '100ms',
        max: '24h',
        env: 'GODWIT_FLUSH',
        configKey: 'flush',
        help: 'How often ticks are sent while nobody watches',
      },
      {
        name: 'queue-size',
        value: 'SIZE',
        default: '64MiB',
        min: '1MiB',
        max: '64GiB',
        env: 'GODWIT_QUEUE_SIZE',
        configKey: 'queue-size',
        help: 'How much memory the queue may take while the server is away; when it is full the oldest goes first',
      },
      {
        name: 'name',
        value: 'NAME',
        env: 'GODWIT_NAME',
        configKey: 'name',
        help: 'What people call this machine; without it its host name',
      },
      { name: 'config', value: 'FILE', env: 'GODWIT_CONFIG', help: 'A TOML file with any of the above' },
    ],
    examples: [
      {
        line: 'godwit collect --server server.lan:9004 --state /var/lib/godwit-collector',
        does: 'samples every second',
      },
      { line: 'godwit collect --config /etc/godwit-collector.toml', does: 'with its flags from a file' },
    ],
  },
  {
    name: 'demo',
    summary: 'A server with simulated collectors and a past, to look at the page; leaves nothing behind',
    flags: [
      {
        name: 'collectors',
        value: 'N',
        default: '12',
        min: '1',
        max: '500',
        env: 'GODWIT_COLLECTORS',
        help: 'How many machines are simulated',
      },
      {
        name: 'hours',
        value: 'N',
        default: '6',
        min: '0',
        max: '168',
        env: 'GODWIT_HOURS',
        help: 'How much of a past they have',
      },
      {
        name: 'http',
        value: 'HOST:PORT',
        default: '127.0.0.1:9005',
        like: '127.0.0.1:9005, [::1]:9005 or server.lan:9005',
        env: 'GODWIT_HTTP',
        help: 'Where the page and the API are served; port 0 picks a free one',
      },
      {
        name: 'seed',
        value: 'N',
        default: '1',
        max: '4294967295',
        env: 'GODWIT_SEED',
        help: 'The same seed makes the same machines',
      },
    ],
    examples: [
      { line: 'godwit demo', does: 'twelve machines, six hours' },
      { line: 'godwit demo --collectors 40 --hours 24', does: 'more of both; it says when the past is complete' },
    ],
  },
  {
    name: 'export',
    summary: 'Prints the ticks of a collector, exact, with run and seq',
    flags: [
      { name: 'data', value: 'DIR', env: 'GODWIT_DATA', help: "A server's data directory, whether it runs or not" },
      { name: 'url', value: 'URL', env: 'GODWIT_URL', help: "Instead of --data: a running server's page address" },
      {
        name: 'collector',
        value: 'ID',
        required: true,
        env: 'GODWIT_COLLECTOR',
        help: "The collector's name, its id, or how its id begins (at least 4 characters)",
      },
      { name: 'from', value: 'TIME', env: 'GODWIT_FROM', help: 'The first tick to print; without it the oldest' },
      { name: 'to', value: 'TIME', env: 'GODWIT_TO', help: 'The last tick to print; without it the newest' },
      { name: 'format', value: 'csv|ndjson', default: 'ndjson', env: 'GODWIT_FORMAT', help: 'How to print them' },
    ],
    examples: [
      {
        line: 'godwit export --data /var/lib/godwit --collector greenhouse-pi > ticks.ndjson',
        does: 'everything there is',
      },
      {
        line: 'godwit export --url http://127.0.0.1:9005 --collector web-1 --from 2026-11-23 --format csv',
        does: 'from a running server',
      },
    ],
  },
] as const

type CommandRow = (typeof COMMANDS)[number]

export type CommandName = CommandRow['name']

export type CommandOptions<N extends CommandName> = OptionsOf<Extract<CommandRow, { name: N }>>
