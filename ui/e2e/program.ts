// The program itself, for tests that stop a server or do what only an operator of the installation can do.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { dirname, resolve } from 'node:path'
import { expect } from '@playwright/test'
import { credentialsPath } from './desk'

const program = resolve(process.env.SENTINAI_PROGRAM ?? '../target/debug/sentinai')
const home = dirname(resolve(credentialsPath))

/** A command of the installation that is tested; what it printed. */
export const sentinai = (...command: string[]): string =>
  execFileSync(program, [...command, '--home', home], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/** A port that nobody listens on: the one that is wished, where it is free. */
export async function freePort(wish = 0): Promise<number> {
  const probe = createServer().listen(wish)
  try {
    await once(probe, 'listening')
  } catch {
    return freePort()
  }
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

export interface OwnServer {
  url: string
  start: () => Promise<void>
  /** As a crash does it: nobody is told. */
  kill: () => Promise<void>
}

/** A server of its own beside the one that is tested, on the same data. */
export async function ownServer(): Promise<OwnServer> {
  const listen = `127.0.0.1:${String(await freePort())}`
  const url = `http://${listen}`
  let running: ReturnType<typeof spawn> | undefined
  const isReady = () =>
    fetch(`${url}/health`)
      .then(({ ok }) => ok)
      .catch(() => false)
  return {
    url,
    start: async () => {
      running = spawn(program, ['serve', '--home', home, '--listen', listen, '--workers', '0'], { stdio: 'ignore' })
      await expect.poll(isReady, { message: `${url} answers`, timeout: 20_000 }).toBe(true)
    },
    kill: async () => {
      if (running?.exitCode !== null || running.signalCode !== null) return
      running.kill('SIGKILL')
      await once(running, 'exit')
    },
  }
}
