// The keys of work on the desk: about the selected row, whether it is open or not.
import { useQueryClient } from '@tanstack/react-query'
import { problemText } from '../../api/problem'
import { exceptionQuery } from '../../api/queries'
import { useHotkeys } from '../../ui/hotkeys'
import { actionOfKey, noActionLine, verbsOfKey } from '../../work/actions'
import { useWork } from '../../work/WorkContext'

interface WorkKeys {
  tenantId: string
  targetId: string | undefined
  openId: string | undefined
  next: () => void
}

export function useWorkKeys({ tenantId, targetId, openId, next }: WorkKeys) {
  const client = useQueryClient()
  const { me, ask, say } = useWork()

  const act = async (key: string) => {
    if (targetId === undefined) return say({ text: 'Select an exception first: j and k move.', tone: 'bad' })
    const query = exceptionQuery(tenantId, targetId)
    // What is open is what was seen; a row shows too little to decide on.
    const seen = targetId === openId ? client.getQueryData(query.queryKey) : undefined
    try {
      const detail = seen ?? (await client.fetchQuery({ ...query, staleTime: 0 }))
      const action = actionOfKey(key, detail, me)
      if (action && !action.hindrance) ask(detail, action.verb)
      else say({ text: action?.hindrance ?? noActionLine(key, detail, me), tone: 'bad' })
    } catch (error) {
      say({ text: problemText(error).detail, tone: 'bad' })
    }
  }
  const once = (run: () => void) => (event: KeyboardEvent) => {
    event.preventDefault()
    // A key that is held down is one command.
    if (!event.repeat) run()
  }
  useHotkeys({
    ...Object.fromEntries(Object.keys(verbsOfKey).map((key) => [key, once(() => void act(key))])),
    n: once(next),
  })
}
