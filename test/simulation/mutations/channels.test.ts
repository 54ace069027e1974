import { CHANNELS } from './channels.ts'
import { testMutations } from './testMutations.ts'

testMutations(CHANNELS)
