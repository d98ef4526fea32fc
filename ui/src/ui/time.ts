// Points in time for people: in their own zone, with UTC at hand.

const local = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'short',
})
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const clockSeconds = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const dayMonth = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' })

export const localZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

/** Everything: local date and time with seconds and zone, then UTC. */
export const fullTime = (at: string) => `${local.format(new Date(at))}\n${utc(at)}`

/** `16:30 today`, `16:30 tomorrow`, `16:30 on Mon, 23 Nov`. */
export function dayAndTime(at: string, now: number): string {
  const date = new Date(at)
  const days = Math.round((startOfDay(date.getTime()) - startOfDay(now)) / 86_400_000)
  const word = { [-1]: 'yesterday', 0: 'today', 1: 'tomorrow' }[days]
  return `${clock.format(date)} ${word ?? `on ${dayMonth.format(date)}`}`
}

export const timeOfDay = (at: string) => clockSeconds.format(new Date(at))
export const dayOf = (at: string) => dayMonth.format(new Date(at))

/** The same moment on a wall clock elsewhere: `Mon 23 Nov, 16:30 CET`. Undefined for a zone the browser does not know. */
export function timeIn(zone: string, at: string): string | undefined {
  const date = new Date(at)
  try {
    const there = new Intl.DateTimeFormat('en-GB', {
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZone: zone,
    })
    return `${there.format(date)} ${zoneName(zone, date)}`
  } catch {
    return undefined
  }
}

/** A locale abbreviates only the zones it is used in; the others it calls by their offset. */
function zoneName(zone: string, date: Date): string {
  const names = ['en-GB', 'en-US', 'en-AU'].map((locale) =>
    new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: 'short' })
      .formatToParts(date)
      .find(({ type }) => type === 'timeZoneName'),
  )
  return (names.find((name) => name && !/^(GMT|UTC)[+−-]/.test(name.value)) ?? names[0])?.value ?? zone
}

const startOfDay = (at: number) => new Date(at).setHours(0, 0, 0, 0)
const utc = (at: string) => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
