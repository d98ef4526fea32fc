// Spans of time in the shortest words that still say enough.

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** One unit, rounded down: `<1 m`, `12 m`, `3 h`, `2 d`. Negative spans count as none. */
export function shortSpan(milliseconds: number): string {
  const span = Math.max(0, milliseconds)
  if (span < minute) return '<1 m'
  if (span < hour) return `${Math.floor(span / minute)} m`
  if (span < day) return `${Math.floor(span / hour)} h`
  return `${Math.floor(span / day)} d`
}

/** Two units where the second one matters: `46 m`, `3 h 10 m`, `2 d 4 h`, `12 d`. */
export function span(milliseconds: number): string {
  const total = Math.max(0, milliseconds)
  if (total < hour || total >= 10 * day) return shortSpan(total)
  if (total < day) return twoUnits(total, hour, 'h', minute, 'm')
  return twoUnits(total, day, 'd', hour, 'h')
}

function twoUnits(total: number, unit: number, name: string, part: number, partName: string): string {
  const rest = Math.floor((total % unit) / part)
  return `${Math.floor(total / unit)} ${name}${rest > 0 ? ` ${rest} ${partName}` : ''}`
}

/** Time left, or with a minus the time it is late: `2 h 58 m`, `−3 h 10 m`. */
export const countdown = (milliseconds: number) => (milliseconds < 0 ? `−${span(-milliseconds)}` : span(milliseconds))
