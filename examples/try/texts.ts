import type { Testbed } from '../testbed/testbed.ts'

export const HELP = `Records a page on this machine, and shows what the reporter does about it. An emulator stands in for Agora: it opens
the page in a real Chromium and writes no files.

  npx -y pnpm@12 try [page] [flags]

  page                  an address (http://localhost:5173/room), an HTML file, or a folder with an index.html;
                        without one, an example page is recorded

  --expect <selector>   an element that must be visible; may be given several times
  --media <selector>    a video or audio element that must play; may be given several times
  --seconds <n>         ends after this many seconds; exit code 1 if the page does not roll then
  --port <n>            the reporter's port (8080, or a free one if that is taken)
  --database <file>     the reporter's database, to keep (a temporary one)
  --json                ends with one line of JSON: the result
  --help                this text

Timeouts are short: a page without the script tag fails after 20 s, a dead one after 8 s. Ctrl-C ends everything.`

export const scriptTag = (reporterUrl: string): string => `<script src="${reporterUrl}/probe.js"></script>`

export const introduction = ({ reporterUrl, emulator, apiKey }: Testbed, url: string): string[] => [
  `Page      ${url}`,
  `Reporter  ${reporterUrl}  API key ${apiKey}`,
  `Emulator  ${emulator.url}  (in place of Agora)`,
  '',
  'The page needs this script tag in its <head>:',
  '',
  `  ${scriptTag(reporterUrl)}`,
  '',
]

/** What a person can do to a recording that rolls. */
export const nextSteps = ({ reporterUrl, emulator, apiKey }: Testbed, id: string, sid: string): string[] => {
  const recording = `${reporterUrl}/v1/recordings/${id}`
  const authorization = `-H 'Authorization: Bearer ${apiKey}'`
  const steps: [string, string][] = [
    [
      'Kill the page, as a crash of its renderer would:',
      command(emulator.controlUrl, sid, { do: 'killPage' }),
    ],
    ["Halt the page's scripts:", command(emulator.controlUrl, sid, { do: 'freezePage' })],
    ['Have Agora stop the recorder:', command(emulator.controlUrl, sid, { do: 'stop', code: 6 })],
    ['Ask the reporter for the recording:', `curl ${authorization} ${recording}`],
    ['Make a new attempt now:', `curl -X POST ${authorization} ${recording}/restart`],
    ['Stop the recording:', `curl -X POST ${authorization} ${recording}/stop`],
  ]
  return [
    '',
    'The page is being recorded. Try these in another terminal:',
    '',
    ...steps.flatMap(([what, line]) => [`  ${what}`, `    ${line}`]),
    '',
  ]
}

/** The commands name a task, and a new attempt has a new one. */
export const nextStepsAgain = ({ emulator }: Testbed, sid: string): string[] => [
  `          To kill the page of this attempt: ${command(emulator.controlUrl, sid, { do: 'killPage' })}`,
]

const command = (controlUrl: string, sid: string, body: Record<string, unknown>): string =>
  `curl -d '${JSON.stringify(body)}' ${controlUrl}/tasks/${sid}/commands`
