// Times that people mean: presets for waiting and snoozing, as the platform's inputs write them, in local time.

export interface Preset {
  label: string
  value: string
}

const two = (number: number) => String(number).padStart(2, '0')
export const dayValue = (date: Date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
export const timeValue = (date: Date) => `${dayValue(date)}T${two(date.getHours())}:${two(date.getMinutes())}`

const at = (now: Date, days: number, hour: number) => {
  const date = new Date(now)
  date.setDate(date.getDate() + days)
  date.setHours(hour, 0, 0, 0)
  return date
}
const daysToMonday = (now: Date) => (8 - now.getDay()) % 7 || 7

/** Until when something may wait. */
export function waitPresets(now: Date): Preset[] {
  const soon = new Date(now.getTime() + 2 * 3_600_000)
  const evening = at(now, 0, 17)
  return distinct([
    { label: '2 hours', value: timeValue(soon) },
    ...(evening > soon ? [{ label: 'Today 17:00', value: timeValue(evening) }] : []),
    { label: 'Tomorrow 09:00', value: timeValue(at(now, 1, 9)) },
    { label: 'Monday 09:00', value: timeValue(at(now, daysToMonday(now), 9)) },
  ])
}

/** Days to come back on; none of them on a weekend. */
export function snoozePresets(now: Date): Preset[] {
  const days = [1, 2, 3].map((days) => at(now, days, 12)).filter((date) => date.getDay() % 6 !== 0)
  const names = new Intl.DateTimeFormat('en-GB', { weekday: 'long' })
  const monday = at(now, daysToMonday(now), 12)
  return distinct([...days, monday].map((date) => ({ label: names.format(date), value: dayValue(date) })))
}

/** A moment has one name: the first. */
const distinct = (presets: Preset[]) =>
  presets.filter(({ value }, index) => presets.findIndex((other) => other.value === value) === index)

/** Whole days between today and a day, as people count them. */
export const daysUntil = (day: string, now: Date) =>
  Math.round((new Date(`${day}T12:00`).getTime() - at(now, 0, 12).getTime()) / 86_400_000)
