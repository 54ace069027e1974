import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readConfig } from './config.ts'
import { REQUIRED } from './configError.ts'
import { VARIABLES } from './configSchema.ts'
import { APP_ID, configErrorOf, GOOD, PROFILE, SIGNING } from './testing/goodEnvironment.ts'

describe('a good configuration', () => {
  test('needs seven variables, and has defaults for all others', () => {
    expect(readConfig(GOOD)).toEqual({
      publicUrl: 'https://reporter.example.com',
      checkPublicUrl: true,
      host: '127.0.0.1',
      port: 8080,
      http: { headers: 10, request: 20, response: 30, keepAlive: 75 },
      trustedProxies: [],
      reportLimits: { seconds: 10, reports: 60, documents: 15, notes: 15, refusals: 60 },
      apiLimits: { seconds: 60, requests: 30_000, refusals: 10 },
      shutdownDelay: 0,
      secrets: ['SECRET-signs-page-tokens'],
      apiKeys: ['SECRET-key-of-the-api'],
      databaseFile: 'stillrolling.db',
      agora: {
        appId: 'app1',
        customerId: 'customer1',
        customerSecret: 'SECRET-of-the-customer',
        area: undefined,
        baseUrls: undefined,
        backoffScale: 1,
        qps: 10,
      },
      notificationSecrets: [],
      appCertificate: undefined,
      tokenUrlSecrets: [],
      tokenUrlReach: 'public',
      storageProfiles: { default: PROFILE },
      defaultPolicy: {},
      deliveries: { destinations: [], allowPrivate: false },
      retentionDays: 90,
      ingress: { patience: 60, canaryWaits: [120, 300, 600], replaceInterval: 5 },
      logLevel: 'info',
    })
  })

  test.each([
    ['https://reporter.example.com', undefined, 'public'],
    ['https://reporter.example.com', 'true', 'private'],
    ['http://127.0.0.1:8080', undefined, 'loopback'],
    ['http://127.0.0.1:8080', 'false', 'public'],
  ])('with PUBLIC_URL %s and TOKEN_URL_ALLOW_PRIVATE %s has tokenUrls within: %s', (url, allow, reach) => {
    const environment = { ...GOOD, PUBLIC_URL: url, AGORA_BASE_URLS: 'http://127.0.0.1:4100' }
    expect(readConfig({ ...environment, TOKEN_URL_ALLOW_PRIVATE: allow }).tokenUrlReach).toBe(reach)
  })

  test('reads every variable', () => {
    const environment = {
      ...GOOD,
      PUBLIC_URL: 'https://reporter.example.com/',
      PUBLIC_URL_CHECK: 'off',
      HOST: '0.0.0.0',
      PORT: '9000',
      HTTP_HEADERS_TIMEOUT: '5',
      HTTP_REQUEST_TIMEOUT: '15',
      HTTP_RESPONSE_TIMEOUT: '0.5',
      HTTP_KEEP_ALIVE_TIMEOUT: '620',
      SHUTDOWN_DELAY: '12',
      API_RATE_LIMIT: '600',
      TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8',
      STILLROLLING_SECRET: 'a-newer-signing-key, an-older-signing-key,',
      STILLROLLING_API_KEYS: 'a-key-of-the-api-1,a-key-of-the-api-2',
      DATABASE_FILE: '/data/stillrolling.db',
      AGORA_NOTIFICATION_SECRET: 'new,old',
      AGORA_APP_ID: APP_ID,
      AGORA_APP_CERTIFICATE: '5cfd2fd1755d40ecb72977518be15D3B',
      TOKEN_URL_SECRET: `${SIGNING}, ${SIGNING}`,
      TOKEN_URL_ALLOW_PRIVATE: 'true',
      AGORA_AREA: 'EU',
      AGORA_BASE_URLS: 'http://127.0.0.1:4100/, https://two.test',
      AGORA_BACKOFF_SCALE: '0.05',
      AGORA_QPS: '50',
      HTTPS_PROXY: 'http://proxy.test:3128',
      HTTP_PROXY: 'http://other-proxy.test',
      NO_PROXY: 'two.test',
      DELIVERIES: JSON.stringify([{ name: 'app', url: 'http://app.test/', secrets: [SIGNING] }]),
      DELIVERIES_ALLOW_PRIVATE: 'true',
      RETENTION_DAYS: '7',
      CANARY_PATIENCE: '30',
      CANARY_WAITS: '60, 90',
      DEFAULT_POLICY: '{"loadTimeout":90}',
      LOG_LEVEL: 'debug',
    }
    const inPostgres = ['DATABASE_URL', 'DATABASE_PASSWORD']
    expect([...Object.keys(environment), ...inPostgres].toSorted()).toEqual(VARIABLES.toSorted())
    expect(readConfig(environment)).toEqual({
      publicUrl: 'https://reporter.example.com',
      checkPublicUrl: false,
      host: '0.0.0.0',
      port: 9000,
      http: { headers: 5, request: 15, response: 0.5, keepAlive: 620 },
      shutdownDelay: 12,
      trustedProxies: ['127.0.0.1', '10.0.0.0/8'],
      reportLimits: { seconds: 10, reports: 60, documents: 15, notes: 15, refusals: 60 },
      apiLimits: { seconds: 60, requests: 600, refusals: 10 },
      secrets: ['a-newer-signing-key', 'an-older-signing-key'],
      apiKeys: ['a-key-of-the-api-1', 'a-key-of-the-api-2'],
      databaseFile: '/data/stillrolling.db',
      agora: {
        ...{ appId: APP_ID, customerId: 'customer1', customerSecret: 'SECRET-of-the-customer' },
        area: 'EU',
        baseUrls: ['http://127.0.0.1:4100', 'https://two.test'],
        backoffScale: 0.05,
        qps: 50,
      },
      proxy: { https: 'http://proxy.test:3128', http: 'http://other-proxy.test', except: 'two.test' },
      notificationSecrets: ['new', 'old'],
      appCertificate: '5cfd2fd1755d40ecb72977518be15D3B',
      tokenUrlSecrets: [SIGNING, SIGNING],
      tokenUrlReach: 'private',
      storageProfiles: { default: PROFILE },
      defaultPolicy: { loadTimeout: 90 },
      deliveries: {
        destinations: [
          {
            ...{ name: 'app', url: 'http://app.test/', secrets: [SIGNING] },
            ...{ types: ['*'], preset: 'standard' },
          },
        ],
        allowPrivate: true,
      },
      retentionDays: 7,
      ingress: { patience: 30, canaryWaits: [60, 90], replaceInterval: 5 },
      logLevel: 'debug',
    })
  })

  test.each([
    [{ HOST: '127.0.0.1' }, 0],
    [{ HOST: '::1' }, 0],
    [{ HOST: 'localhost' }, 0],
    [{ HOST: '0.0.0.0' }, 5],
    [{ HOST: '0.0.0.0', SHUTDOWN_DELAY: '0' }, 0],
  ])('%j: at SIGTERM it goes on for %d s', (environment, delay) => {
    expect(readConfig({ ...GOOD, ...environment }).shutdownDelay).toBe(delay)
  })
})

describe('a ConfigError', () => {
  test('names every missing and every wrong variable', () => {
    const error = configErrorOf({
      PORT: 'abc',
      LOG_LEVEL: 'loud',
      AGORA_APP_ID: 'app1',
      STILLROLLING_SECRET: 'short',
      DEFAULT_POLICY: '{"loadTimeout":5}',
    })
    expect(error.missing).toEqual([
      'STILLROLLING_API_KEYS',
      'PUBLIC_URL',
      'AGORA_CUSTOMER_ID',
      'AGORA_CUSTOMER_SECRET',
      'STORAGE_PROFILES',
    ])
    expect(error.wrong.map(({ name }) => name).sort()).toEqual([
      'DEFAULT_POLICY',
      'LOG_LEVEL',
      'PORT',
      'STILLROLLING_SECRET',
    ])
    for (const name of [...error.missing, ...error.wrong.map((each) => each.name)]) {
      expect(error.message).toContain(`\n  ${name}  `)
    }
  })

  const wrong: [string, string][] = [
    ['PORT', 'abc'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', '0x50'],
    ['PORT', '8e3'],
    ['PORT', '65536'],
    ['HTTP_HEADERS_TIMEOUT', '0'],
    ['HTTP_REQUEST_TIMEOUT', '301'],
    ['HTTP_RESPONSE_TIMEOUT', '1e3'],
    ['HTTP_KEEP_ALIVE_TIMEOUT', '3601'],
    ['SHUTDOWN_DELAY', '-1'],
    ['TRUSTED_PROXIES', 'localhost'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['AGORA_BACKOFF_SCALE', '0'],
    ['AGORA_BACKOFF_SCALE', 'fast'],
    ['AGORA_BACKOFF_SCALE', '11'],
    ['AGORA_QPS', '0'],
    ['AGORA_QPS', '2.5'],
    ['AGORA_QPS', 'many'],
    ['API_RATE_LIMIT', '0'],
    ['API_RATE_LIMIT', '1.5'],
    ['RETENTION_DAYS', '0'],
    ['RETENTION_DAYS', 'ever'],
    ['PUBLIC_URL', 'reporter.example.com'],
    ['PUBLIC_URL', 'ftp://reporter.example.com'],
    ['PUBLIC_URL', 'https://user:password@reporter.example.com'],
    ['PUBLIC_URL_CHECK', 'yes'],
    ['STILLROLLING_SECRET', 'fifteen-letters'],
    ['STILLROLLING_SECRET', 'a-key-that-is-long-enough,short'],
    ['STILLROLLING_API_KEYS', ','],
    ['AGORA_NOTIFICATION_SECRET', ' , '],
    ['AGORA_APP_CERTIFICATE', '5cfd2fd1755d40ecb72977518be15d3'],
    ['AGORA_APP_CERTIFICATE', '5cfd2fd1755d40ecb72977518be15d3g'],
    ['TOKEN_URL_SECRET', 'a-secret-that-is-long-enough'],
    ['TOKEN_URL_SECRET', `whsec_${Buffer.alloc(23).toString('base64')}`],
    ['TOKEN_URL_SECRET', `whsec_${Buffer.alloc(65).toString('base64')}`],
    ['TOKEN_URL_SECRET', `${SIGNING},${SIGNING}!`],
    ['TOKEN_URL_ALLOW_PRIVATE', 'yes'],
    ['DELIVERIES_ALLOW_PRIVATE', '1'],
    ['AGORA_AREA', 'eu'],
    ['AGORA_CUSTOMER_ID', 'customer:1'],
    ['HTTPS_PROXY', 'proxy.example.com:3128'],
    ['HTTP_PROXY', 'socks5://proxy.example.com'],
    ['AGORA_BASE_URLS', 'http://one.test,two.test'],
    ['AGORA_BASE_URLS', 'http://user:password@one.test'],
    ['AGORA_BASE_URLS', 'http://one.test/?key=1'],
    ['AGORA_BASE_URLS', ','],
    ['STORAGE_PROFILES', '{"default":'],
    ['STORAGE_PROFILES', '{}'],
    ['STORAGE_PROFILES', '[]'],
    ['STORAGE_PROFILES', '{"default":{"vendor":4}}'],
    ['DEFAULT_POLICY', '90'],
    ['DEFAULT_POLICY', '{"loadTimeuot":90}'],
    ['DEFAULT_POLICY', '{"heartbeatInterval":20}'],
    ['LOG_LEVEL', 'loud'],
  ]
  test.each(wrong)('%s=%s', (name, value) => {
    const error = configErrorOf({ ...GOOD, [name]: value })
    expect([...new Set(error.wrong.map((each) => each.name))]).toEqual([name])
    expect(error.missing).toEqual([])
  })

  /** A line break, a space, a no-break space, a zero-width space, a byte order mark and a letter that is not ASCII. */
  test.each(['\n', ' ', '\u00a0', '\u200b', '\ufeff', '\0', 'é'])(
    'names ids and credentials that %j inside makes useless',
    (inside) => {
      const broken = `SECRET-of-16${inside}letters`
      const names = ['AGORA_APP_ID', 'AGORA_CUSTOMER_ID', 'AGORA_CUSTOMER_SECRET', 'STILLROLLING_API_KEYS']
      if (inside === '\n') names.pop() // A line break separates keys.
      const error = configErrorOf({ ...GOOD, ...Object.fromEntries(names.map((name) => [name, broken])) })
      expect(error.wrong.map(({ name }) => name).toSorted()).toEqual(names.toSorted())
    },
  )

  const messages: [string, string, string][] = [
    ['PORT', '80.5', 'must be a whole number from 0 to 65535'],
    ['PORT', '65536', 'must be a whole number from 0 to 65535'],
    ['PORT', '0x50', 'must be a whole number from 0 to 65535'],
    ['PORT', '"8080"', 'must not be in quotes, which would be part of the value'],
    ['AGORA_QPS', 'many', 'must be a whole number from 1 to 10000'],
    ['AGORA_BACKOFF_SCALE', '0', 'must be a number above 0, up to 10'],
    ['CANARY_WAITS', '60,soon', 'value 2 must be a number from 1 to 86400'],
    ['PUBLIC_URL', 'example.com', 'must be an http or https URL, like https://reporter.example.com'],
    [
      'AGORA_CUSTOMER_SECRET',
      'SECRET one',
      'must consist of ASCII letters, digits and punctuation, without white space',
    ],
    ['STILLROLLING_SECRET', 'a-key-that-is-long-enough,short', 'value 2 must have at least 16 characters'],
    ['STORAGE_PROFILES', '{"default":', 'must be valid JSON; its end is missing'],
    [
      'STORAGE_PROFILES',
      '{\n"default": {"vendor": 1]',
      'must be valid JSON; the first mistake is in line 2, column 24',
    ],
    ['STORAGE_PROFILES', 'SECRET', 'must be valid JSON'],
    [
      'STORAGE_PROFILES',
      JSON.stringify({ default: PROFILE, ['x'.repeat(65)]: PROFILE }),
      `${'x'.repeat(65)} is a name that must have at most 64 characters`,
    ],
    ['AGORA_AREA', 'eu', 'must be one of CN, AP, EU, NA'],
    ['STORAGE_PROFILES', '[]', 'must be an object'],
    ['DEFAULT_POLICY', '{"loadTimeuot":90}', 'loadTimeuot is not a known field'],
  ]
  test.each(messages)('says what is wrong: %s=%s', (name, value, message) => {
    const error = configErrorOf({ ...GOOD, [name]: value })
    expect(error.message).toBe(`These environment variables are wrong:\n  ${name}  ${message}`)
  })

  test('names variables that resemble missing ones', () => {
    const { AGORA_APP_ID, ...rest } = GOOD
    const { message } = configErrorOf({ ...rest, AGORA_APPID: AGORA_APP_ID })
    expect(message).toMatch(
      /missing:\n {2}AGORA_APP_ID .*\nAGORA_APPID is set and not read: is AGORA_APP_ID meant\?$/,
    )
  })

  test('contains no value that may be secret', () => {
    const secretive = JSON.stringify({
      default: { ...PROFILE, vendor: 'SECRET-vendor', accessKey: ['SECRET-list'], region: 'SECRET-region' },
    })
    const error = configErrorOf({
      STILLROLLING_SECRET: 'SECRET-short',
      STILLROLLING_API_KEYS: 'SECRET-key',
      AGORA_CUSTOMER_ID: 'a:SECRET',
      AGORA_BASE_URLS: 'http://user:SECRET-password@one.test',
      STORAGE_PROFILES: secretive,
      AGORA_AREA: 'SECRET-area',
      PORT: 'SECRET-port',
      DEFAULT_POLICY: 'SECRET-policy',
    })
    expect(error.wrong.length).toBeGreaterThanOrEqual(9)
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain('SECRET-')
    const broken = configErrorOf({ ...GOOD, STORAGE_PROFILES: secretive.slice(0, -2) })
    expect(broken.message).not.toContain('SECRET-')
  })
})

test('docs/configuration.md shows every variable, and which are required', () => {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')
  const [, section = ''] = page.split('\n## Variables\n')
  const rows = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| (`[^|]*) \| ([^|]*) \|/gm)]
  const documented = rows.flatMap(([, names = '', default_ = '']) =>
    [...names.matchAll(/[A-Z_]+/g)].map(([name]) => ({ name, required: default_.trim() === 'required' })),
  )
  expect(documented.map(({ name }) => name).toSorted()).toEqual(VARIABLES.toSorted())
  expect(documented.flatMap(({ name, required }) => (required ? [name] : [])).toSorted()).toEqual(
    REQUIRED.toSorted(),
  )
})
