import { testOldChromium } from './oldRows.ts'

testOldChromium(106)
