import type { Config } from '../../config.ts'
import type { FieldError } from '../../fieldErrors.ts'
import type { RecordingRequest } from '../../recordingRequest.ts'
import { kindOf } from '../../runtime/kinds/kindOf.ts'
import { contradictions, mergePolicy, type Policy, type PolicyInput } from '../../supervisor/policy.ts'
import { invalidRequest } from '../problem.ts'

type PolicyConfig = Pick<Config, 'notificationSecrets'>

/**
 * The complete policy of a request: what it names over what was before, by default the built-in one.
 * @param wrong what else is wrong with the request
 * @throws {Problem} 422 if the policy contradicts itself, or the configuration lacks what it needs
 */
export const policyOr422 = (
  request: RecordingRequest,
  inputs: readonly (PolicyInput | undefined)[],
  config: PolicyConfig,
  wrong: readonly FieldError[] = [],
): Policy => {
  const policy = mergePolicy(...inputs)
  const errors = contradictions(policy).map(({ path, message }) => ({
    path: ['policy', ...path].join('.'),
    message,
  }))
  if (request.kind === 'page' && request.standby && policy.handOver === 'replace') {
    const message = 'must be "overlap" with standby: a page that must not be open twice cannot have a standby'
    errors.push({ path: 'policy.handOver', message })
  }
  errors.push(...wrong, ...missingFor(request, policy, config))
  if (errors.length > 0) throw invalidRequest(errors)
  const { maxIdleTime } = kindOf(request).factsOf(request, request.id ?? '')
  return withQueriesWithin(withoutFileTimeout(policy, request), maxIdleTime)
}

/** What the policy needs and the configuration lacks. */
const missingFor = (
  { kind }: RecordingRequest,
  { requireHa, onIdleExit }: Policy,
  { notificationSecrets }: PolicyConfig,
): FieldError[] => {
  const errors: FieldError[] = []
  if (kind === 'channel' && requireHa && notificationSecrets.length === 0) {
    const message =
      "needs AGORA_NOTIFICATION_SECRET in the reporter's configuration, because event 13 alone says that an attempt is highly available"
    errors.push({ path: 'policy.requireHa', message })
  }
  if (kind === 'channel' && onIdleExit !== 'restart' && notificationSecrets.length === 0) {
    const message =
      "needs AGORA_NOTIFICATION_SECRET in the reporter's configuration: Agora's answers alone do not tell an empty channel from a lost task"
    errors.push({ path: 'policy.onIdleExit', message })
  }
  return errors
}

/** With snapshots and nothing else, Agora lists no file. */
const withoutFileTimeout = (policy: Policy, request: RecordingRequest): Policy => {
  const isSnapshots = request.kind === 'channel' && request.mode === 'individual' && request.snapshotConfig
  return isSnapshots && request.recordingFileConfig === undefined ? { ...policy, fileTimeout: 0 } : policy
}

/** Agora ends an empty channel after `maxIdleTime` seconds, and advises to query more often than that. */
const withQueriesWithin = (policy: Policy, maxIdleTime: number | null): Policy =>
  maxIdleTime === null
    ? policy
    : { ...policy, queryInterval: Math.max(1, Math.min(policy.queryInterval, maxIdleTime - 1)) }
