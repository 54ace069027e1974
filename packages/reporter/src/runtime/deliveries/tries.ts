import type { Logger } from 'pino'
import type { Destination } from '../../destinations.ts'
import type { ClaimedDelivery, DeliveryResult, DeliveryTry } from '../../store/deliveryOperations.ts'
import type { Store, StoreOperations } from '../../store/store.ts'
import type { Clock } from '../clock.ts'
import { announceExhausted, announceRecovered } from './failingDestination.ts'
import type { Gate } from './gate.ts'
import { nextTryAt } from './nextTry.ts'
import type { Outbox } from './outbox.ts'
import { render } from './presets/render.ts'
import type { Send } from './send.ts'
import { judge, type SendResult, type Verdict } from './verdict.ts'

/** Sends the deliveries of one destination, and stores what came of it. */
export interface Tries {
  /** Never rejects: a delivery whose result cannot be stored is sent again after its lease. */
  run(delivery: ClaimedDelivery): Promise<void>
}

export interface TriesOptions {
  store: Store
  clock: Clock
  log: Logger
  outbox: Outbox
  send: Send
  destination: Destination
  /** The name of this reporter, for people who have several. */
  installation: string
  gate: Gate
  random?: () => number
}

const WRITTEN_FOR_ANOTHER_PRESET = 'It was written for another preset of the destination, so nothing was sent'

/** After so many answers 410 in a row the destination is gone. Fewer may be about the deliveries. */
const TIMES_GONE = 3

/** A person waits for its answer, and asks for another one. So it is sent once. */
const TEST = 'delivery.test'

export const createTries = (options: TriesOptions): Tries => {
  const { store, clock, log, outbox, send, destination, installation, gate, random = Math.random } = options
  const { name } = destination
  /** Since the process has started. What an earlier one could not send may wait for hours. */
  let hasAnswered = false
  /** The destination was down since it last accepted a delivery, so that others may wait for hours. */
  let wasDown = false
  /** Answers in a row that say that the destination is gone. */
  let timesGone = 0

  const trySending = async (delivery: ClaimedDelivery): Promise<SendResult> => {
    const rendered = render(destination, delivery, { now: clock.now(), installation })
    if (!rendered) return { kind: 'unsent', message: WRITTEN_FOR_ANOTHER_PRESET }
    return send({ url: destination.url, ...rendered })
  }

  const resultOf = (
    { recordingId, type, tries, firstTriedAt, redelivered }: ClaimedDelivery,
    { verdict, lastTry, startedAt }: { verdict: Verdict; lastTry: DeliveryTry; startedAt: number },
  ): DeliveryResult => {
    if (verdict.outcome === 'delivered') return { state: 'delivered', lastTry }
    if (verdict.outcome !== 'failed') return { state: 'failed', lastTry }
    const { kind, retryAfterMs } = verdict
    const failed = { tries: tries + 1, kind, retryAfterMs, random: random() }
    if (kind !== 'rejected') {
      const isKnown = gate.isDown()
      gate.failed(kind, { recordingId, startedAt, elapsed: clock.elapsed(), retryAfterMs })
      wasDown ||= gate.isDown()
      if (gate.isDown() && !isKnown) {
        log.warn({ destination: name, why: verdict.why }, `Destination ${name} is down, and is probed`)
      }
    }
    if (type === TEST) return { state: 'failed', lastTry }
    const at = nextTryAt({
      ...failed,
      redelivered,
      now: clock.now(),
      firstTriedAt: firstTriedAt ?? lastTry.at,
    })
    return at === null ? { state: 'failed', lastTry } : { state: 'pending', retryAt: at, lastTry }
  }

  /** After the destination was down only an acceptance hastens the others: with another answer they would fare the same. */
  const noteAnswer = async (type: string, { outcome }: Verdict): Promise<void> => {
    if (gate.answered()) log.info({ destination: name }, `Destination ${name} answers again`)
    const isBack = outcome === 'delivered' && (wasDown || type === TEST)
    if (hasAnswered && !isBack) return
    await store.hastenDeliveries(name, clock.now())
    hasAnswered = true
    if (isBack) wasDown = false
  }

  const settle = async (
    operations: StoreOperations,
    delivery: ClaimedDelivery,
    { result, verdict }: { result: DeliveryResult; verdict: Verdict },
  ): Promise<void> => {
    if (!(await operations.settleDelivery(delivery, result, clock.now()))) return
    const why = result.lastTry.error ?? ''
    const failing = { name, outbox, now: clock.now() }
    if (result.state === 'delivered') await announceRecovered(operations, failing)
    if (result.state !== 'failed') return
    const fields = { destination: name, deliveryId: delivery.id, type: delivery.type, why }
    if (verdict.outcome === 'dropped' || (verdict.outcome === 'refused' && timesGone < TIMES_GONE)) {
      log.warn(fields, `A delivery to ${name} is dropped: ${why}`)
      return
    }
    log.error(fields, `A delivery to ${name} is given up: ${why}`)
    await announceExhausted(operations, delivery, { ...failing, why })
  }

  const runOnce = async (delivery: ClaimedDelivery): Promise<void> => {
    const [at, startedAt] = [clock.now(), clock.elapsed()]
    const sentAt = performance.now()
    const answer = await trySending(delivery)
    const verdict = judge(answer, clock.now())
    const lastTry: DeliveryTry = {
      at,
      durationMs: Math.round(performance.now() - sentAt),
      status: answer.kind === 'answer' ? answer.status : null,
      answer: answer.kind === 'answer' ? answer.body : null,
      error: verdict.outcome === 'delivered' ? null : verdict.why,
    }
    const result = resultOf(delivery, { verdict, lastTry, startedAt })
    if (verdict.outcome === 'refused') timesGone += 1
    if (verdict.outcome === 'delivered') timesGone = 0
    await store.transaction((operations) => settle(operations, delivery, { result, verdict }))
    const isAnswered = verdict.outcome !== 'failed' || verdict.kind === 'rejected'
    if (answer.kind === 'answer' && isAnswered) await noteAnswer(delivery.type, verdict)
  }

  return {
    run: async (delivery) => {
      try {
        await runOnce(delivery)
      } catch (err) {
        const fields = { err, destination: name, deliveryId: delivery.id }
        log.error(fields, 'the result of a delivery could not be stored, will send it again')
      }
    },
  }
}
