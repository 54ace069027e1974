import { KEY_SCOPES, type KeyScope } from '../../store/types.ts'

/** What each scope admits to, beyond the ones before it. The first line that matches a request counts. */
const RULES: readonly [method: RegExp, path: RegExp, scope: KeyScope][] = [
  [/^/, /^\/v1\/keys(\/|$)/, 'admin'],
  [/^(GET|HEAD)$/, /^/, 'read'],
  [/^/, /^\/v1\/(recordings|jobs)(\/|$)/, 'write'],
  // The backup, deliveries and destinations.
  [/^/, /^/, 'admin'],
]

/** The scope that a request needs. */
export const scopeFor = (method: string, path: string): KeyScope =>
  RULES.find(([methods, paths]) => methods.test(method) && paths.test(path))?.[2] ?? 'admin'

/** Whether a key with this scope may do what needs the other one. */
export const covers = (scope: KeyScope, needed: KeyScope): boolean =>
  KEY_SCOPES.indexOf(scope) >= KEY_SCOPES.indexOf(needed)
