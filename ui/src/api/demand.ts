// What a pack wants a second person for, read from its document to say it before anything is sent. The server decides.
import { amountText } from '../ui/json'
import { severities } from './filter'
import type { Severity } from './types'
import { textOf } from './verbatim'

export interface Demand {
  action: string
  /** Codes it is about; all where there are none. */
  resolutions: string[]
  /** Only above this amount. */
  above: string | undefined
  /** Only for more than so many days. */
  moreThan: number
  because: string
}

/** The demands of a pack document; what is not one is left out. */
export function readDemands(document: unknown): Demand[] {
  const approvals = (document as { approvals?: unknown } | null)?.approvals
  return (Array.isArray(approvals) ? (approvals as Partial<Demand>[]) : []).map((demand) => ({
    action: demand.action ?? '',
    resolutions: demand.resolutions ?? [],
    above: demand.above == null ? undefined : textOf(demand.above),
    moreThan: demand.moreThan ?? 0,
    because: demand.because ?? '',
  }))
}

/** What somebody is about to ask for. */
export type Wish =
  | { resolution: string }
  | { from: Severity; to: Severity }
  /** Days from today. */
  | { days: number }

/** Whether a second person will be needed, in a sentence; nothing where one is not. */
export function demandLine(demands: readonly Demand[], wish: Wish): string | undefined {
  const meant = demands.filter((demand) => isMeant(demand, wish))
  const sure = meant.find(({ above }) => above === undefined)
  if (sure) return `A second person has to allow this. ${sure.because}`
  const perhaps = meant[0]
  if (perhaps?.above === undefined) return undefined
  return `Above an amount of ${amountText(perhaps.above)} a second person has to allow this.`
}

function isMeant({ action, resolutions, moreThan }: Demand, wish: Wish): boolean {
  if ('resolution' in wish)
    return action === 'resolve' && (resolutions.length === 0 || resolutions.includes(wish.resolution))
  if ('days' in wish) return action === 'snooze' && wish.days > moreThan
  return action === 'lowerSeverity' && severities.indexOf(wish.to) > severities.indexOf(wish.from)
}
