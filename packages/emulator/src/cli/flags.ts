/** A flag of the command line, which is an environment variable as well. */
export interface FlagDefinition {
  /** What stands for the value in the help; undefined for a flag without one. */
  value?: string
  help: string
  /** True for a flag without a value that is on by default: it is written as --no-… */
  on?: boolean
}

export type FlagName =
  | 'port'
  | 'host'
  | 'app-id'
  | 'customer-id'
  | 'customer-secret'
  | 'notify-url'
  | 'notify-secret'
  | 'app-certificate'
  | 'users'
  | 'browser'
  | 'open-delay'
  | 'exit-delay'
  | 'file-delay'
  | 'concurrency'
  | 'qps'
  | 'hour-seconds'
  | 'record'
  | 'record-fps'
  | 'record-size'
  | 'ffmpeg'
  | 'tls'
  | 'tls-port'
  | 'tls-folder'

/** Every flag, in the order of the help. The help states the defaults. */
export const FLAGS: Readonly<Record<FlagName, FlagDefinition>> = {
  port: { value: 'number', help: 'port to listen on, 0 for any free one (default: 8787)' },
  host: { value: 'address', help: 'address to listen on (default: 127.0.0.1)' },
  'app-id': { value: 'id', help: 'App ID that clients use (default: emulator)' },
  'customer-id': { value: 'id', help: 'customer ID of HTTP Basic authentication (default: emulator)' },
  'customer-secret': {
    value: 'text',
    help: 'customer secret of HTTP Basic authentication (default: emulator)',
  },
  'notify-url': { value: 'url', help: 'URL that notifications are sent to (default: none are sent)' },
  'notify-secret': { value: 'text', help: 'secret that notifications are signed with (default: emulator)' },
  'app-certificate': {
    value: 'text',
    help: 'App Certificate that RTC tokens are checked with (default: they are not checked)',
  },
  users: { value: 'number', help: 'users of every channel, until a command says otherwise (default: 0)' },
  browser: { help: 'run tasks without opening their pages', on: true },
  'open-delay': {
    value: 'seconds',
    help: 'time until the page is opened or the channel joined (default: 5, with --no-browser 0)',
  },
  'exit-delay': {
    value: 'seconds',
    help: 'time from a stop or failure until the upload is done (default: 0.5)',
  },
  'file-delay': {
    value: 'seconds',
    help: 'time until query names the files of a channel (default: 15, in mode individual 60)',
  },
  concurrency: {
    value: 'number',
    help: 'tasks at the same time; beyond it acquire is answered 400/406 (default: 200)',
  },
  qps: {
    value: 'number',
    help: `requests per second, beyond which they are answered 429; none for no limit (default: 10)`,
  },
  'hour-seconds': {
    value: 'seconds',
    help: 'length of an hour of maxRecordingHour and resourceExpiredHour (default: 3600)',
  },
  record: {
    value: 'folder',
    help: 'write recordings there with ffmpeg, and serve them at /_files/ (default: none are written)',
  },
  'record-fps': { value: 'number', help: 'frames per second of the files, 1 to 30 (default: 10)' },
  'record-size': { value: 'pixels', help: 'largest width or height of the files (default: 640)' },
  ffmpeg: { value: 'path', help: 'the executable of ffmpeg (default: FFMPEG_PATH, else ffmpeg on PATH)' },
  tls: { help: 'answer in the name of api.agora.io as well, for clients without a base URL' },
  'tls-port': { value: 'number', help: 'port for TLS, with --tls, 0 for any free one (default: 8443)' },
  'tls-folder': {
    value: 'path',
    help: 'folder of the certificates, with --tls (default: ~/.stillrolling/emulator)',
  },
}

export const FLAG_NAMES: readonly FlagName[] = Object.keys(FLAGS) as FlagName[]

/** How a flag is written: one that is on by default is given to turn it off. */
export const spellingOf = (name: FlagName): string => (FLAGS[name].on ? `--no-${name}` : `--${name}`)

/** The environment variable of a flag. */
export const variableOf = (name: FlagName): string => `EMULATOR_${name.replaceAll('-', '_').toUpperCase()}`

const HELP_COLUMN = 28

const helpLine = (spelling: string, help: string): string => `  ${spelling.padEnd(HELP_COLUMN)}${help}`

export const HELP: string = `Emulates Agora Cloud Recording on this machine: the REST API in all three modes, notifications, a real Chromium for web
pages, and faults on command.

  stillrolling-emulator [flags]
  npx -y pnpm@12 emulator [flags]      in a clone of its repository

${FLAG_NAMES.map((name) => {
  const { help, value } = FLAGS[name]
  return helpLine(value === undefined ? spellingOf(name) : `${spellingOf(name)} <${value}>`, help)
}).join('\n')}
${helpLine('-h, --help', 'print this text')}

Each flag is also an environment variable: EMULATOR_PORT, EMULATOR_NOTIFY_URL, EMULATOR_BROWSER=false and so on.
The browser is the one at CHROMIUM_PATH, else an installed Chrome or Chromium, else one from an npm package (Linux, x64).
It runs until SIGINT (Ctrl-C) or SIGTERM. It exits with 0 then, with 1 if it cannot start, with 2 if a flag is wrong.`
