import { defineConfig } from '@playwright/test'
import { execFileSync } from 'node:child_process'

// Runs against a real, seeded server: SENTINAI_URL (default http://localhost:8000) with the keys of SENTINAI_CREDENTIALS.
// The browser is the machine's own: nothing is downloaded.
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  workers: 1,
  timeout: 30_000,
  expect: { timeout: 8_000 },
  reporter: 'list',
  use: {
    baseURL: process.env.SENTINAI_URL ?? 'http://localhost:8000',
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? installedBrowser(),
      args: [
        // Chromium refuses to run its sandbox as root, as in containers.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})

function installedBrowser(): string {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8' }).trim()
    } catch {
      // Not this one.
    }
  }
  throw new Error('No Chromium found. Install it (Debian: apt-get install chromium) or name its path in CHROMIUM.')
}
