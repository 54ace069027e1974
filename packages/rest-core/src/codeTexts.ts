import type { CallName } from './call.ts'

/** What the service's codes mean, where the meaning of the verdict does not say it already. */
const TEXTS: Readonly<Record<number, string>> = {
  8: 'the request does not say that its body is JSON, or the URL or method is wrong; a proxy may have changed it',
  53: 'a task with this cname and uid is running',
  109: 'the RTC token has expired',
  110: 'the RTC token or the channel credentials are wrong',
  432: 'a parameter of the request is wrong, or does not fit the mode',
  1001: 'the channel cannot be decrypted: decryptionMode, secret or salt is wrong',
  1003: 'the App ID, the channel or the uid of the RTC configuration is wrong',
  1013: 'the name of the channel is invalid: below 64 bytes, letters, digits and some punctuation',
  1028: 'the parameters of updateLayout are wrong',
}

/** Codes with another meaning in one call. */
const TEXTS_BY_CALL: Readonly<Partial<Record<CallName, Readonly<Record<number, string>>>>> = {
  acquire: {
    62: 'cloud recording is not enabled for this account',
    400: 'the App ID is invalid',
    401: 'the name of the channel is invalid',
    405: 'the account is not active',
    406: 'too many recordings at the same time',
  },
  query: { 501: 'the recording is exiting after a stop' },
}

/**
 * What a code of Agora's service means in an answer to this call; undefined for a code that is not documented or that
 * needs no words.
 *
 * @see https://docs.agora.io/en/cloud-recording/reference/common-errors
 * @example
 * codeText('acquire', 62) // => 'cloud recording is not enabled for this account'
 */
export const codeText = (call: CallName, code: number | undefined): string | undefined =>
  code === undefined ? undefined : (TEXTS_BY_CALL[call]?.[code] ?? TEXTS[code])
