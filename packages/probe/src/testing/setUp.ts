import { natives } from '../natives.ts'
import { useNatives } from '../watch/natives.ts'

// In the browser `createWatch` does that; most tests use parts of the second file without it.
useNatives(natives)
