import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ConfigError, type Environment, readConfig } from './config.ts'
import { REQUIRED } from './configError.ts'
import { VARIABLES } from './configSchema.ts'
import { FROM_FILE } from './environment.ts'

const PROFILE = { vendor: 1, region: 0, bucket: 'b', accessKey: 'SECRET-access', secretKey: 'SECRET-storage' }
const TEMPORARY = { vendor: 1, region: 0, bucket: 'b', credentials: { url: 'https://sts.test/?key=SECRET' } }
const APP_ID = '970ca35de60c44645bbae8a215061b33'
/** Of Standard Webhooks. */
const SIGNING = `whsec_${Buffer.alloc(24, 1).toString('base64')}`

const GOOD: Environment = {
  PUBLIC_URL: 'https://reporter.example.com',
  STILLROLLING_API_KEYS: 'SECRET-key-of-the-api',
  STILLROLLING_SECRET: 'SECRET-signs-page-tokens',
  AGORA_APP_ID: 'app1',
  AGORA_CUSTOMER_ID: 'customer1',
  AGORA_CUSTOMER_SECRET: 'SECRET-of-the-customer',
  STORAGE_PROFILES: JSON.stringify({ default: PROFILE }),
}

const configErrorOf = (environment: Environment): ConfigError => {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('the configuration was accepted')
}

const fileWith = (text: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'stillrolling-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'secret')
  writeFileSync(file, text)
  return file
}

describe('a good configuration', () => {
  test.each([
    TEMPORARY.credentials,
    { url: 'http://127.0.0.1:9000/sts', authorization: 'Bearer SECRET' },
    { url: 'http://localhost/' },
    { url: 'http://[::1]:9000/' },
  ])('may have a storage profile with temporary credentials from %j', (credentials) => {
    const profile = { ...TEMPORARY, credentials, fileNamePrefix: ['p'.repeat(47)] }
    const { storageProfiles } = readConfig({ ...GOOD, STORAGE_PROFILES: JSON.stringify({ sts: profile }) })
    expect(storageProfiles).toEqual({ sts: profile })
  })

  test('needs seven variables, and has defaults for all others', () => {
    expect(readConfig(GOOD)).toEqual({
      publicUrl: 'https://reporter.example.com',
      checkPublicUrl: true,
      host: '127.0.0.1',
      port: 8080,
      http: { headers: 10, request: 20, response: 30, keepAlive: 75 },
      trustedProxies: [],
      reportLimits: { seconds: 10, reports: 60, documents: 15, refusals: 60 },
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
    const config = readConfig({
      ...GOOD,
      PUBLIC_URL: 'https://reporter.example.com/',
      HOST: '0.0.0.0',
      PORT: '9000',
      HTTP_HEADERS_TIMEOUT: '5',
      HTTP_REQUEST_TIMEOUT: '15',
      HTTP_RESPONSE_TIMEOUT: '0.5',
      HTTP_KEEP_ALIVE_TIMEOUT: '620',
      SHUTDOWN_DELAY: '12',
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
      RETENTION_DAYS: '7',
      CANARY_PATIENCE: '30',
      CANARY_WAITS: '60, 90',
      DEFAULT_POLICY: '{"loadTimeout":90}',
      LOG_LEVEL: 'debug',
    })
    expect(config).toMatchObject({
      publicUrl: 'https://reporter.example.com',
      checkPublicUrl: true,
      host: '0.0.0.0',
      port: 9000,
      http: { headers: 5, request: 15, response: 0.5, keepAlive: 620 },
      shutdownDelay: 12,
      trustedProxies: ['127.0.0.1', '10.0.0.0/8'],
      secrets: ['a-newer-signing-key', 'an-older-signing-key'],
      apiKeys: ['a-key-of-the-api-1', 'a-key-of-the-api-2'],
      databaseFile: '/data/stillrolling.db',
      agora: {
        area: 'EU',
        baseUrls: ['http://127.0.0.1:4100', 'https://two.test'],
        backoffScale: 0.05,
        qps: 50,
      },
      notificationSecrets: ['new', 'old'],
      appCertificate: '5cfd2fd1755d40ecb72977518be15D3B',
      tokenUrlSecrets: [SIGNING, SIGNING],
      tokenUrlReach: 'private',
      defaultPolicy: { loadTimeout: 90 },
      retentionDays: 7,
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

  test('treats an empty variable as not set, because compose files set such variables', () => {
    const empty = { PORT: '', HOST: '', AGORA_AREA: ' ', AGORA_NOTIFICATION_SECRET: '', DEFAULT_POLICY: '' }
    expect(readConfig({ ...GOOD, ...empty })).toEqual(readConfig(GOOD))
    expect(configErrorOf({ ...GOOD, AGORA_APP_ID: '' }).missing).toEqual(['AGORA_APP_ID'])
  })

  test('trims every variable, also one from a file, because secrets are often copied with a line break', () => {
    const all: Environment = {
      ...GOOD,
      STILLROLLING_API_KEYS: 'a-key-of-the-api-1',
      LOG_LEVEL: 'debug',
      PORT: '1',
    }
    const padded = Object.fromEntries(
      Object.entries(all).map(([name, value]) => [name, `\ufeff \t${value}\r\n\u00a0`]),
    )
    expect(readConfig(padded)).toEqual(readConfig(all))
    const files = Object.fromEntries(
      Object.entries(padded).map(([name, value]) =>
        FROM_FILE.includes(name) ? [`${name}_FILE`, fileWith(value)] : [name, value],
      ),
    )
    expect(readConfig(files)).toEqual(readConfig(all))
  })

  test.each(['\n', '\r\n', ',\n', '\n\n , '])('reads lists whose values are separated by %j', (separator) => {
    const keys = ['a-key-of-the-api-1', 'a-key-of-the-api-2']
    for (const [name, field] of [
      ['STILLROLLING_SECRET', 'secrets'],
      ['STILLROLLING_API_KEYS', 'apiKeys'],
      ['AGORA_NOTIFICATION_SECRET', 'notificationSecrets'],
    ] as const) {
      const { [name]: _, ...rest } = GOOD
      const file = fileWith(`${keys.join(separator)}\n`)
      expect(readConfig({ ...rest, [`${name}_FILE`]: file })[field]).toEqual(keys)
    }
  })

  test('reads secrets from files', () => {
    const { STILLROLLING_SECRET, STORAGE_PROFILES, STILLROLLING_API_KEYS, ...rest } = GOOD
    const config = readConfig({
      ...rest,
      STILLROLLING_SECRET_FILE: fileWith('SECRET-in-a-mounted-file\n'),
      STORAGE_PROFILES_FILE: fileWith(`${STORAGE_PROFILES}\n`),
      STILLROLLING_API_KEYS_FILE: fileWith('a-key-of-the-api-1\n'),
      AGORA_NOTIFICATION_SECRET_FILE: fileWith('notify'),
      AGORA_APP_ID: APP_ID,
      AGORA_APP_CERTIFICATE_FILE: fileWith('5cfd2fd1755d40ecb72977518be15d3b\n'),
      TOKEN_URL_SECRET_FILE: fileWith(`${SIGNING}\n`),
    })
    expect(config.secrets).toEqual(['SECRET-in-a-mounted-file'])
    expect(config.storageProfiles).toEqual({ default: PROFILE })
    expect(config.apiKeys).toEqual(['a-key-of-the-api-1'])
    expect(config.notificationSecrets).toEqual(['notify'])
    expect(config.appCertificate).toBe('5cfd2fd1755d40ecb72977518be15d3b')
    expect(config.tokenUrlSecrets).toEqual([SIGNING])
  })
})

test('an App Certificate needs an App ID of the form that Agora has', () => {
  const certificate = { AGORA_APP_CERTIFICATE: '5cfd2fd1755d40ecb72977518be15d3b' }
  expect(configErrorOf({ ...GOOD, ...certificate }).wrong).toEqual([
    { name: 'AGORA_APP_ID', message: expect.stringContaining('must be 32 hexadecimal digits') },
  ])
  expect(readConfig({ ...GOOD, ...certificate, AGORA_APP_ID: APP_ID }).agora.appId).toBe(APP_ID)
})

describe('DELIVERIES', () => {
  const Secret = `whsec_${Buffer.alloc(24, 's').toString('base64')}`
  const Hook = { name: 'backend', url: 'https://app.example.com/hook', secrets: [Secret] }
  const withDeliveries = (value: unknown, more: Environment = {}): Environment => ({
    ...GOOD,
    DELIVERIES: JSON.stringify(value),
    ...more,
  })

  test('names destinations, with defaults', () => {
    const { deliveries } = readConfig(
      withDeliveries([
        Hook,
        { name: 'ops', preset: 'pagerduty', secrets: ['k'.repeat(32)] },
        {
          name: 'chat',
          url: 'https://hooks.slack.com/services/T/B/x',
          preset: 'slack',
          types: ['recording.*'],
        },
        { ...Hook, name: 'rotating', secrets: [Secret, `whsec_${Buffer.alloc(64, 't').toString('base64')}`] },
      ]),
    )
    expect(deliveries.allowPrivate).toBe(false)
    expect(deliveries.destinations).toMatchObject([
      { ...Hook, types: ['*'], preset: 'standard' },
      { name: 'ops', url: 'https://events.pagerduty.com/v2/enqueue', preset: 'pagerduty' },
      { name: 'chat', types: ['recording.*'], secrets: [] },
      { name: 'rotating' },
    ])
  })

  test('may be in a file', () => {
    const file = fileWith(JSON.stringify([Hook]))
    expect(readConfig({ ...GOOD, DELIVERIES_FILE: file }).deliveries.destinations).toHaveLength(1)
  })

  test('may have private addresses and http only with DELIVERIES_ALLOW_PRIVATE', () => {
    for (const url of [
      'http://app.example.com/',
      'http://127.0.0.1:9000/',
      'https://10.0.0.1/',
      'https://[::1]/',
    ]) {
      const allowed = withDeliveries([{ ...Hook, url }], { DELIVERIES_ALLOW_PRIVATE: 'true' })
      expect(readConfig(allowed).deliveries).toMatchObject({ destinations: [{ url }], allowPrivate: true })
      const [wrong, ...others] = configErrorOf(withDeliveries([{ ...Hook, url }])).wrong
      expect(others).toEqual([])
      expect(wrong).toMatchObject({
        name: 'DELIVERIES',
        message: expect.stringMatching(/^0\.url must .*DELIVERIES_ALLOW_PRIVATE=true/),
      })
    }
  })

  test.each([
    [{}, 'must be a list'],
    [[{ ...Hook, name: 'Back end' }], '0.name must be 1 to 63 lower-case letters, digits and hyphens'],
    [[Hook, Hook], '1.name is the name of another one'],
    [[{ ...Hook, url: undefined }], '0.url is required'],
    [[{ ...Hook, url: 'ftp://SECRET' }], /^0.url must be an https URL/],
    [[{ ...Hook, url: 'https://user:SECRET@app.example.com/' }], /^0.url must be an https URL, without/],
    [[{ ...Hook, secrets: undefined }], /^0.secrets is required: it must be "whsec_"/],
    [[{ ...Hook, secrets: ['SECRET'] }], /^0.secrets.0 must be "whsec_" and 24 to 64 random bytes/],
    [[{ ...Hook, secrets: [Secret.slice(0, -4)] }], /^0.secrets.0 must be "whsec_"/],
    [[{ ...Hook, secrets: [Secret, Secret, Secret] }], '0.secrets must have at most 2 values'],
    [[{ ...Hook, preset: 'slack' }], '0.secrets must not be set: the URL is the secret'],
    [[{ ...Hook, preset: 'pagerduty' }], /^0.secrets.0 must be the integration key/],
    [[{ ...Hook, preset: 'teams' }], '0.preset must be one of standard, slack, pagerduty, apprise'],
    [[{ ...Hook, types: ['recording.exploded'] }], /^0.types.0 must be "\*", a type, or a pattern/],
    [[{ ...Hook, types: [] }], '0.types must have at least 1 item'],
    [[{ ...Hook, secret: Secret }], '0.secret is not a known field'],
    [Array(21).fill(Hook), /must have at most 20 items/],
  ])('says what is wrong: %j', (value, message) => {
    const error = configErrorOf(withDeliveries(value))
    const expected =
      typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message)
    expect(error.wrong).toContainEqual({ name: 'DELIVERIES', message: expected })
    expect(error.message).not.toMatch(/SECRET/)
    expect(error.message).not.toContain(Secret)
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
    ['STORAGE_PROFILES', JSON.stringify({ default: { ...PROFILE, colour: 'red' } })],
    ['STORAGE_PROFILES', JSON.stringify({ default: { ...PROFILE, fileNamePrefix: ['p'.repeat(48)] } })],
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

  test.each(VARIABLES)('names %s in quotes that no shell removed', (name) => {
    for (const value of ['"a value of sixteen letters"', "'a value of sixteen letters'"]) {
      expect(configErrorOf({ ...GOOD, [name]: value }).wrong).toEqual([
        { name, message: 'must not be in quotes, which would be part of the value' },
      ])
    }
  })

  test.each(['bucket', 'accessKey', 'secretKey'])(
    'names %s of a storage profile with white space',
    (field) => {
      const profiles = { default: { ...PROFILE, [field]: 'SECRET\n' } }
      expect(configErrorOf({ ...GOOD, STORAGE_PROFILES: JSON.stringify(profiles) }).wrong).toEqual([
        {
          name: 'STORAGE_PROFILES',
          message: `default.${field} must consist of ASCII letters, digits and punctuation, without white space`,
        },
      ])
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
    [
      'STORAGE_PROFILES',
      JSON.stringify({ default: { ...PROFILE, bucket: undefined } }),
      'default.bucket is required',
    ],
    [
      'STORAGE_PROFILES',
      JSON.stringify({ default: { ...PROFILE, colour: 'red' } }),
      'default.colour is not a known field',
    ],
    [
      'STORAGE_PROFILES',
      JSON.stringify({ default: { ...PROFILE, stsToken: 'SECRET-token', stsExpiration: 4_000_000_000 } }),
      'default.stsToken must not be set: it would expire while recordings run. Set credentials.url, from which the reporter fetches temporary credentials, or use keys that do not expire',
    ],
    [
      'STORAGE_PROFILES',
      JSON.stringify({ default: { ...TEMPORARY, credentials: { url: 'http://sts.test/' } } }),
      'default.credentials.url must be an https URL, or an http URL of this machine, without a user name or password',
    ],
    [
      'STORAGE_PROFILES',
      JSON.stringify({ default: { ...TEMPORARY, credentials: { url: 'https://a:SECRET@sts.test/' } } }),
      'default.credentials.url must be an https URL, or an http URL of this machine, without a user name or password',
    ],
    [
      'STORAGE_PROFILES',
      JSON.stringify({ default: { ...TEMPORARY, accessKey: 'SECRET-access' } }),
      'default.accessKey must not be set beside credentials',
    ],
    [
      'STORAGE_PROFILES',
      JSON.stringify({ default: { ...TEMPORARY, vendor: 5 } }),
      'default.stsToken is supported by vendors 1, 2, 3 only',
    ],
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

describe('a <NAME>_FILE', () => {
  test('must not be set beside the variable itself', () => {
    const error = configErrorOf({ ...GOOD, STILLROLLING_SECRET_FILE: fileWith('SECRET-in-a-mounted-file') })
    expect(error.wrong).toEqual([
      { name: 'STILLROLLING_SECRET_FILE', message: expect.stringContaining('beside STILLROLLING_SECRET') },
    ])
  })

  test('must be readable, and is reported once', () => {
    const { AGORA_CUSTOMER_SECRET, ...rest } = GOOD
    const error = configErrorOf({ ...rest, AGORA_CUSTOMER_SECRET_FILE: '/nowhere/secret' })
    expect(error.missing).toEqual([])
    expect(error.wrong).toEqual([
      {
        name: 'AGORA_CUSTOMER_SECRET_FILE',
        message: 'must name a file: there is none at this path (ENOENT)',
      },
    ])
    const folder = configErrorOf({ ...rest, AGORA_CUSTOMER_SECRET_FILE: tmpdir() })
    expect(folder.wrong[0]?.message).toBe('must name a file, not a folder (EISDIR)')
  })

  test.each(FROM_FILE)('must not name an empty file: %s_FILE', (name) => {
    const { [name]: _, ...rest } = GOOD
    const { missing, wrong } = configErrorOf({ ...rest, [`${name}_FILE`]: fileWith(' \n') })
    expect(missing).toEqual([])
    expect(wrong).toEqual([{ name: `${name}_FILE`, message: 'must name a file that is not empty' }])
  })

  test.each(VARIABLES.filter((name) => !FROM_FILE.includes(name)))('is not read for %s', (name) => {
    expect(readConfig({ ...GOOD, [`${name}_FILE`]: '/nowhere/file' })).toEqual(readConfig(GOOD))
  })

  test.each(REQUIRED)('that is empty counts as not set: %s_FILE', (name) => {
    const { [name]: _, ...rest } = GOOD
    expect(configErrorOf({ ...rest, [`${name}_FILE`]: ' ' }).missing).toEqual([name])
  })
})

describe('with the real Agora', () => {
  const without = (name: string, set: Environment = {}): string[] => {
    const { [name]: _, ...rest } = GOOD
    return configErrorOf({ ...rest, ...set }).missing
  }

  test.each([undefined, 'https://agora-proxy.example.com', 'http://127.0.0.1:4100,https://api.agora.io'])(
    'PUBLIC_URL and an API key are required: AGORA_BASE_URLS=%s',
    (AgoraBaseUrls) => {
      expect(without('PUBLIC_URL', { AGORA_BASE_URLS: AgoraBaseUrls })).toEqual(['PUBLIC_URL'])
      expect(without('STILLROLLING_API_KEYS', { AGORA_BASE_URLS: AgoraBaseUrls })).toEqual([
        'STILLROLLING_API_KEYS',
      ])
    },
  )

  test.each([
    ['http://127.0.0.1:8080', '127.0.0.1 is reached from this machine only'],
    ['https://localhost', 'localhost is reached from this machine only'],
    ['http://[::1]:8080', '[::1] is reached from this machine only'],
    ['https://192.168.1.5', '192.168.1.5 is reached from this network only'],
    ['http://reporter:8080', 'reporter is reached from this network only'],
  ])('PUBLIC_URL=%s can never work', (PublicUrl, reason) => {
    const wrong = [
      { name: 'PUBLIC_URL', message: `must be an address that Agora's recorder can reach: ${reason}` },
    ]
    expect(configErrorOf({ ...GOOD, PUBLIC_URL: PublicUrl }).wrong).toEqual(wrong)
  })

  test('an address of this network is accepted where Agora is in it, and one of this machine is not', () => {
    const emulated = { ...GOOD, AGORA_BASE_URLS: 'http://emulator:8787' }
    expect(readConfig({ ...emulated, PUBLIC_URL: 'http://reporter:8080' }).publicUrl).toBe(
      'http://reporter:8080',
    )
    expect(configErrorOf({ ...emulated, PUBLIC_URL: 'http://localhost' }).wrong[0]?.name).toBe('PUBLIC_URL')
  })
})

describe('with an emulator on this machine', () => {
  const { PUBLIC_URL: _, STILLROLLING_API_KEYS: __, ...rest } = GOOD
  const Emulated = { ...rest, AGORA_BASE_URLS: 'http://127.0.0.1:8787, http://localhost:8788' }

  test('neither PUBLIC_URL nor an API key is required', () => {
    expect(readConfig({ ...Emulated, PORT: '9000' })).toMatchObject({
      publicUrl: 'http://127.0.0.1:9000',
      apiKeys: [],
    })
    expect(readConfig({ ...Emulated, PUBLIC_URL: 'http://localhost:1' }).publicUrl).toBe('http://localhost:1')
  })

  test.each(['0.0.0.0', '::', '192.168.1.5', 'reporter.internal', '127.example.com'])(
    'HOST=%s, which other machines can reach, needs an API key',
    (Host) => {
      expect(configErrorOf({ ...Emulated, HOST: Host }).missing).toEqual(['STILLROLLING_API_KEYS'])
      expect(readConfig({ ...Emulated, HOST: Host, STILLROLLING_API_KEYS: 'a-key-of-the-api-1' }).host).toBe(
        Host,
      )
    },
  )

  test.each(['127.0.0.1', 'localhost', '::1'])('HOST=%s needs none', (Host) => {
    expect(readConfig({ ...Emulated, HOST: Host }).host).toBe(Host)
  })

  test.each(['https://tunnel.example.com', 'http://192.168.1.5:8080'])(
    'PUBLIC_URL=%s, behind which a proxy makes the requests of others its own, needs an API key',
    (PublicUrl) => {
      expect(configErrorOf({ ...Emulated, PUBLIC_URL: PublicUrl }).missing).toEqual(['STILLROLLING_API_KEYS'])
    },
  )
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
