/** To import before a script: the process gets SIGTERM as soon as it listens for signals; most of it is not loaded yet. */
export const SIGTERM_WHILE_LOADING: string = `data:text/javascript,${encodeURIComponent(
  `process.on('newListener', (name) => {
     if (name === 'SIGTERM') queueMicrotask(() => process.kill(process.pid, 'SIGTERM'))
   })`,
)}`

/** The environment of a reporter that reaches no Agora: its address refuses connections. */
export const reporterEnvironment = (options: { port: number; file: string }): Record<string, string> => ({
  PORT: String(options.port),
  DATABASE_FILE: options.file,
  STILLROLLING_SECRET: 'a-secret-for-the-tests',
  AGORA_APP_ID: 'app1',
  AGORA_CUSTOMER_ID: 'customer1',
  AGORA_CUSTOMER_SECRET: 'customer-secret',
  AGORA_BASE_URLS: 'http://127.0.0.1:9',
  STORAGE_PROFILES: JSON.stringify({
    default: { vendor: 1, region: 0, bucket: 'tests', accessKey: 'access', secretKey: 'secret' },
  }),
})
