import type { Emulator, EmulatorOptions } from '../types.ts'
import { tlsInstructions } from './tlsInstructions.ts'

const LOOPBACK = ['127.0.0.1', 'localhost', '::1']

/** Shows only the emulator's own default: a secret that was given might be a real one. */
const maskSecret = (secret: string): string => (secret === 'emulator' ? secret : '(the one you gave)')

/** The text printed at the start: the settings for the Agora code of the user, and where to find more. */
export const banner = (emulator: Emulator, options: EmulatorOptions): string => {
  const { url, tls } = emulator
  const { notifications, host = LOOPBACK[0] ?? '' } = options
  const lines = [
    'Agora Cloud Recording is emulated. Use these settings in your code:',
    '',
    `  base URL         ${url}   (instead of https://api.agora.io)`,
    `  App ID           ${options.appId}`,
    `  customer ID      ${options.customerId}`,
    `  customer secret  ${maskSecret(options.customerSecret)}`,
    notifications
      ? `  notifications    to ${new URL(notifications.url).origin}, signed with ${maskSecret(notifications.secret)}`
      : '  notifications    none (to send them, set --notify-url and --notify-secret)',
    options.browser === false
      ? '  pages            none (--no-browser)'
      : '  pages            opened in Chromium',
    options.record
      ? `  recordings       written into ${options.record.directory}, and at ${url}/_files/`
      : '  recordings       not written (to write them, set --record)',
    '',
    `Tasks, routes and examples, also of the control API for faults and commands: ${url}/ · Press Ctrl-C to stop.`,
  ]
  if (tls) lines.push('', tlsInstructions(emulator, tls))
  if (!LOOPBACK.includes(host)) {
    const open = options.record ? 'The control API and /_files/ ask' : 'The control API asks'
    lines.push(
      `${open} for no credentials: anyone who can reach ${host} can use ${options.record ? 'them' : 'it'}.`,
    )
  }
  return lines.join('\n')
}
