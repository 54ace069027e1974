import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT: string = join(import.meta.dirname, '..')

/** A command that a document, a help text or a message names. */
export interface DocumentedCommand {
  /** The file and the line. */
  where: string
  /** The script of package.json, or pnpm's own command, e.g. `exec`. */
  name: string
  args: string[]
}

/** A file with its lines; each line of code that continues in the next is joined with it. */
export interface Document {
  file: string
  lines: string[]
}

/** All files that may name a command: documents, and sources with their help texts, messages and comments. No tests. */
export const readDocuments = (): Document[] =>
  execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md', '*.ts', '*.html', '*.yaml'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '' && file !== 'pnpm-lock.yaml' && !file.endsWith('.test.ts'))
    .map((file) => ({ file, lines: readFileSync(join(ROOT, file), 'utf8').split('\n') }))

/** The script's name and its arguments, up to the end of the code, a comment or a placeholder. */
const COMMAND = /pnpm@12 ([a-z][\w:-]*)([^`\n]*)/g

export const commandsOf = ({ file, lines }: Document): DocumentedCommand[] =>
  lines.flatMap((line, index) =>
    [...line.matchAll(COMMAND)].map(([, name = '', rest = '']) => ({
      where: `${file}:${index + 1}`,
      name,
      args: wordsOf(rest),
    })),
  )

/** Brackets mark what may be left out, `#` begins a comment, and quotes end a string of the source. */
const wordsOf = (rest: string): string[] =>
  rest
    .replace(/(\s#|\\n|['"]\)|['"],).*/, '')
    .split(/[\s[\]]+/)
    .filter((word) => word !== '')

/** Commands that work only where pnpm, or a Node that runs TypeScript, is on the path. */
export const bareCommandsOf = ({ file, lines }: Document, scripts: readonly string[]): string[] => {
  const names = [...scripts, 'exec', 'install', 'run', '-r'].join('|')
  const bare = [
    new RegExp(`(?<![\\w@/-])pnpm (${names})(?![\\w-])`),
    /(?<!pnpm@12 exec )(?<![\w/-])node [\w./-]+\.ts\b/,
    /(?<!npx -y )pnpm@12/,
  ]
  return lines.flatMap((line, index) =>
    bare.some((pattern) => pattern.test(line)) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
  )
}

/** The contents of a document's fenced blocks of shell. */
export const shellBlocksOf = ({ lines }: Document): string[] =>
  [...lines.join('\n').matchAll(/^```(?:sh|bash|shell)\n(.*?)^```/gms)].map(([, block = '']) => block)
