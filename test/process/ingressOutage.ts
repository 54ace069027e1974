import { readCommandLine } from '@stillrolling/examples/commandLine'
import { IDS, type OutageLine, openOutageRig, runOutage } from './runIngressOutage.ts'

const HELP = `Cuts the way in to a reporter with four rolling recordings, under the default policy and unscaled time.

  npx -y pnpm@12 outage:ingress [flags]

  --minutes <n>           how long the way in is cut (12); fractions are allowed
  --probe <where>         where the pages load the probe from: "own", their own server (default), or "reporter", which
                          the canaries' pages cannot reach
  --help                  this text

Prints what happens, with the seconds since the cut, and at the end a JSON line. Exits with 1 if a task of the beginning
was stopped, or if the four are not rolling in it again within two minutes of the end.`

const { numberOf, values, refuse } = readCommandLine({
  name: 'outage:ingress',
  help: HELP,
  options: { minutes: { type: 'string' }, probe: { type: 'string' } },
})
const minutes = numberOf('minutes', { min: 0.1, whole: false, fallback: 12 })
const { probe = 'own' } = values
if (probe !== 'own' && probe !== 'reporter') refuse('--probe must be "own" or "reporter"')

const print = ({ at, id, attempt, code, message }: OutageLine): void =>
  console.log(`${at.toFixed(1).padStart(7)} s  ${id}/${attempt ?? '-'}  ${code.padEnd(24)} ${message}`)

const rig = await openOutageRig({ probe: probe === 'own' ? 'own' : 'reporter', policy: null })
try {
  console.log(`${IDS.length} recordings are rolling; the way in is cut for ${minutes} minutes`)
  const report = await runOutage(rig, { seconds: minutes * 60, recoverySeconds: 120, onLine: print })
  console.log(JSON.stringify(report))
  if (report.disturbed.length > 0) process.exitCode = 1
} finally {
  console.log(rig.testbed.reporter().output())
  await rig.close()
}
