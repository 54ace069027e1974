/**
 * Lints packages/reporter/openapi.json with Redocly's recommended rules. The library of the linter is used, because its
 * command line sends telemetry and asks for updates.
 */
import { fileURLToPath } from 'node:url'
import { createConfig, formatProblems, getTotals, lint } from '@redocly/openapi-core'

const file = fileURLToPath(new URL('../../openapi.json', import.meta.url))
const config = await createConfig({ extends: ['recommended-strict'] })
const problems = await lint({ ref: file, config })
formatProblems(problems, { totals: getTotals(problems), format: 'stylish', color: false })
process.exitCode = problems.length > 0 ? 1 : 0
