// What the pictures show: a tenant with seeded exceptions, some of which somebody has worked on.
import { request, type APIRequestContext } from '@playwright/test'
import { keyOf, tenant } from '../e2e/desk'

type Role = Parameters<typeof keyOf>[1]

interface Item {
  exceptionId: string
  title: string
}

/** What the pages open. */
export interface World {
  /** Worked on: with comments, steps and parts. */
  worked: string
  /** Nobody has touched it. */
  fresh: string
  runId: string
  quarantineId: string
}

/** Somebody of a role, as their programs are. */
class Person {
  private constructor(
    private readonly api: APIRequestContext,
    private readonly base: string,
  ) {}

  static async of(baseURL: string, role: Role) {
    const extraHTTPHeaders = { 'X-API-KEY': keyOf(tenant, role) }
    return new Person(await request.newContext({ baseURL, extraHTTPHeaders }), `/v1/tenants/${tenant}`)
  }

  async post<T>(path: string, data: object, expected = 200): Promise<T> {
    const answer = await this.api.post(`${this.base}${path}`, { data })
    if (answer.status() !== expected) throw new Error(`${path}: ${String(answer.status())} ${await answer.text()}`)
    return (await answer.json()) as T
  }

  async list(query: string): Promise<Item[]> {
    const answer = await this.api.get(`${this.base}/exceptions?${query}`)
    return ((await answer.json()) as { items: Item[] }).items
  }

  /** The commands of one exception, one after the other. */
  async does(exceptionId: string, ...commands: object[]) {
    for (const command of commands) await this.post(`/exceptions/${exceptionId}/commands`, command)
  }
}

const claim = { command: 'claim' }
const inTwoDays = () => new Date(Date.now() + 2 * 86_400_000).toISOString()

/** Idempotent enough: an installation is made for the pictures and thrown away. */
export async function makeWorld(): Promise<World> {
  const baseURL = process.env.SENTINAI_URL ?? ''
  const operator = await Person.of(baseURL, 'operator')
  const supervisor = await Person.of(baseURL, 'supervisor')
  const fails = ids(await operator.list('type=SETTLEMENT_FAIL&limit=20'))
  const breaks = ids(await operator.list('type=CASH_BREAK&limit=20'))
  const mismatches = ids(await operator.list('type=MISMATCHED_TRADE_DETAILS&limit=20'))
  const worked = at(fails, 0)
  await work(operator, supervisor, worked, fails.slice(1, 3))
  await others(operator, supervisor, mismatches)
  await requests(operator, supervisor, breaks)
  const runId = await bulk(operator)
  return {
    worked,
    fresh: at(ids(await operator.list('type=POSITION_BREAK&limit=1')), 0),
    runId,
    quarantineId: await refused(operator),
  }
}

async function work(operator: Person, supervisor: Person, worked: string, parts: string[]) {
  await supervisor.does(worked, { command: 'assign', owner: 'demo operator' })
  await operator.does(
    worked,
    { command: 'start' },
    {
      command: 'comment',
      text: 'They are **short**: their loan comes back tomorrow. @demo supervisor, a partial for the client?',
    },
    {
      command: 'wait',
      reason: 'COUNTERPARTY',
      until: inTwoDays(),
      note: 'Asked their middle office for a partial',
    },
    { command: 'resume' },
  )
  for (const part of parts) await operator.does(part, { command: 'link', parent: worked })
  await operator.does(at(parts, 1), claim, {
    command: 'resolve',
    resolution: 'SETTLED',
    rootCause: 'COUNTERPARTY_SHORT',
    note: 'Same security, settled first',
  })
}

async function others(operator: Person, supervisor: Person, mismatches: string[]) {
  await operator.does(at(mismatches, 0), claim)
  await operator.does(at(mismatches, 1), claim, {
    command: 'wait',
    reason: 'TRADER',
    until: inTwoDays(),
    note: 'Terms as dealt',
  })
  await operator.does(at(mismatches, 2), { command: 'escalate', reason: 'Above what we may correct ourselves' })
  await supervisor.does(at(mismatches, 3), claim)
  for (const id of mismatches.slice(4, 6))
    await operator.does(id, claim, {
      command: 'resolve',
      resolution: 'CORRECTED_INTERNAL',
      rootCause: 'BOOKING_ERROR',
    })
}

async function requests(operator: Person, supervisor: Person, breaks: string[]) {
  const writeOff = (note: string) => ({
    command: 'resolve',
    resolution: 'WRITTEN_OFF',
    rootCause: 'CHARGE_INTEREST',
    note,
  })
  await operator.does(at(breaks, 0), claim, writeOff('Bank charge, less than the cost of recovering it'))
  await operator.does(at(breaks, 1), claim, {
    command: 'changeSeverity',
    severity: 'LOW',
    reason: 'The agent confirmed that the payment is on its way',
  })
  await operator.does(at(breaks, 2), claim, writeOff('Interest of one day'))
  await supervisor.does(at(breaks, 2), { command: 'grant', note: 'Agreed' })
}

async function bulk(operator: Person): Promise<string> {
  const { run } = await operator.post<{ run: { runId: string } }>('/exceptions:bulk?type=POSITION_BREAK', {
    command: 'comment',
    text: 'Custodian sends a corrected statement at noon',
  })
  await operator.post(`/bulk/${run.runId}/commit`, {})
  return run.runId
}

async function refused(operator: Person): Promise<string> {
  const payload = { accountId: 'ACC-20417', currency: 'EUR', amount: 18_400.5, valueDate: '2026-11-20' }
  const object = (exceptionId: string, exceptionType: string, rawPayload: object) => ({
    exception: { exceptionId, sourceSystem: 'SettlementSystem', exceptionType, rawPayload },
  })
  await operator.post('/exceptions', object('NET-20417-1', 'CASH_BREAK', { currency: 'EUR' }), 422)
  await operator.post('/exceptions', object('NET-20417-2', 'NETTING_BREAK', { ...payload, amount: 902.1 }), 422)
  const last = object('NET-20417-3', 'NETTING_BREAK', payload)
  return (await operator.post<{ quarantineId: string }>('/exceptions', last, 422)).quarantineId
}

const ids = (items: Item[]) => items.map(({ exceptionId }) => exceptionId)

function at(list: string[], index: number): string {
  const id = list[index]
  if (!id) throw new Error('The seed made fewer exceptions of this type than the pictures need')
  return id
}
