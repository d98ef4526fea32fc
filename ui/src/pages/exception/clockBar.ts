// Where the marks of a clock stand on a bar that runs from its start to its deadline, or to now once that has passed.

interface ClockTimes {
  startedAt: string
  respondDueAt: string
  dueAt: string
}

/** Positions in per cent of the bar. */
export function clockBar(clock: ClockTimes, now: number) {
  const start = Date.parse(clock.startedAt)
  const due = Date.parse(clock.dueAt)
  const end = Math.max(due, now)
  const at = (time: number) => {
    const share = end > start ? (time - start) / (end - start) : 1
    return Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10
  }
  return { nowAt: at(now), dueAt: at(due), respondAt: at(Date.parse(clock.respondDueAt)), isLate: now > due }
}
