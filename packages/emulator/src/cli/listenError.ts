import type { EmulatorOptions } from '../types.ts'

/** An error of `server.listen`, or of looking up the host that it was given. */
interface ListenError extends Error {
  code: string
  syscall: string
  port?: number
}

export const isListenError = (error: unknown): error is ListenError =>
  error instanceof Error &&
  'code' in error &&
  'syscall' in error &&
  (error.syscall === 'listen' || error.syscall === 'getaddrinfo')

/** One sentence that says what failed and what to do. */
export const describeListenError = (
  { code, port }: ListenError,
  { host, tls }: Pick<EmulatorOptions, 'host' | 'tls'>,
): string => {
  const flag = tls !== undefined && port === tls.port ? '--tls-port' : '--port'
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} is in use. Choose another one with ${flag}, or any free one with ${flag} 0.`
    case 'EACCES':
      return `this user may not listen on port ${port}. Choose one above 1023 with ${flag}.`
    default:
      return `cannot listen on ${host} (${code}). Choose an address of this machine with --host.`
  }
}
