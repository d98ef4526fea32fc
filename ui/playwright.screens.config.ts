// `make screens`: a picture of every page. The same browser as the tests, with a zone and a language of its own.
import base from './playwright.config'

export default {
  ...base,
  testDir: 'screens',
  timeout: 60_000,
  // The data are made once.
  maxFailures: 1,
  use: { ...base.use, trace: 'off' as const, timezoneId: 'America/New_York', locale: 'en-GB' },
}
