/** A wrong environment variable. `message` continues a sentence that begins with the name. */
export interface WrongVariable {
  name: string
  message: string
}

/** Names every missing and every wrong environment variable. Contains no value of any. */
export class ConfigError extends Error {
  readonly missing: string[]
  readonly wrong: WrongVariable[]

  /** @param notes further lines, such as names that resemble those of missing variables */
  constructor(missing: string[], wrong: WrongVariable[], notes: string[] = []) {
    super(
      [
        ...(missing.length > 0 ? ['These environment variables are missing:'] : []),
        ...missing.map((name) => `  ${name}  ${PURPOSE[name] ?? ''}`),
        ...(wrong.length > 0 ? ['These environment variables are wrong:'] : []),
        ...wrong.map(({ name, message }) => `  ${name}  ${message}`),
        ...notes,
      ].join('\n'),
    )
    this.name = 'ConfigError'
    this.missing = missing
    this.wrong = wrong
  }
}

const PURPOSE: Record<string, string> = {
  STILLROLLING_SECRET: "signs the recorded pages' tokens: set it to 16 or more random characters",
  STILLROLLING_API_KEYS:
    'holds the keys with which your servers call the API: set it to 16 or more random characters',
  PUBLIC_URL:
    "is the reporter's public address, which recorded pages report to, like https://reporter.example.com",
  AGORA_APP_ID: "is the project's App ID: copy it from Agora's console",
  AGORA_CUSTOMER_ID: "is a REST credential: create one in Agora's console under RESTful API",
  AGORA_CUSTOMER_SECRET: "is a REST credential: create one in Agora's console under RESTful API",
  STORAGE_PROFILES:
    'says where files go: set it to JSON like {"default": {"vendor": 1, "region": 0, "bucket": …, "accessKey": …, "secretKey": …}}',
}

/** The variables without a default. With an emulator on this machine, PUBLIC_URL and STILLROLLING_API_KEYS are not needed. */
export const REQUIRED: string[] = Object.keys(PURPOSE)
