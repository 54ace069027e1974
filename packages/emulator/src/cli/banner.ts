import type { Emulator, EmulatorOptions } from '../types.ts'

const LOOPBACK = ['127.0.0.1', 'localhost', '::1']

/** Only the emulator's own default is shown: a secret that was given might be a real one. */
const shown = (secret: string): string => (secret === 'emulator' ? secret : '(the one you gave)')

/** What to put into one's own Agora code, and how to go on. */
export const banner = ({ url, controlUrl }: Emulator, options: EmulatorOptions): string => {
  const { notifications, host = LOOPBACK[0] ?? '' } = options
  const lines = [
    'Agora Cloud Recording, emulated (web page mode). In your own code use',
    '',
    `  base URL         ${url}   in place of https://api.agora.io`,
    `  App ID           ${options.appId}`,
    `  customer ID      ${options.customerId}`,
    `  customer secret  ${shown(options.customerSecret)}`,
    notifications
      ? `  notifications    to ${new URL(notifications.url).origin}, signed with ${shown(notifications.secret)}`
      : '  notifications    none; --notify-url and --notify-secret send them',
    options.browser === false
      ? '  pages            none (--no-browser)'
      : '  pages            in a real Chromium',
    '',
    `Faults and commands: ${controlUrl} (packages/emulator/README.md). Ctrl-C ends it.`,
  ]
  if (!LOOPBACK.includes(host)) {
    lines.push(`Anyone who reaches ${host} can use the control API: it asks for no credentials.`)
  }
  return lines.join('\n')
}
