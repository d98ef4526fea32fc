// The next exception of a queue: of the one that is filtered by, or of the one that is asked for.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { DeskSearch } from '../../api/filter'
import { problemText } from '../../api/problem'
import { packQuery } from '../../api/queries'
import { claimNext, remember } from '../../api/work'
import { hindrance } from '../../components/people'
import { valueWord } from '../../components/words'
import { useWork } from '../../work/WorkContext'

interface NextOptions {
  tenantId: string
  search: DeskSearch
  open: (exceptionId: string) => void
}

export function useNext({ tenantId, search, open }: NextOptions) {
  const client = useQueryClient()
  const { me, say, run } = useWork()
  const [isAsking, setAsking] = useState(false)
  const weak = hindrance(me.role, 'operator')
  const next = useMutation({
    mutationFn: (queue: string) => claimNext(tenantId, queue),
    onSuccess: (detail, queue) => {
      if (!detail) {
        const label = valueWord(client.getQueryData(packQuery(tenantId).queryKey), 'queue', queue)
        return say({ text: `Nothing waits in ${label}: everything there has an owner or is snoozed.`, tone: 'bad' })
      }
      remember(client, tenantId, detail)
      open(detail.exceptionId)
      const undo = { label: 'Undo', run: () => void run(detail, { command: 'release' }, 'Undone') }
      say({ text: `Claimed from ${detail.queueLabel}`, tone: 'good', undo })
    },
    onError: (error) => say({ text: problemText(error).detail, tone: 'bad' }),
  })
  const only = search.queue?.length === 1 ? search.queue[0] : undefined
  return {
    hindrance: weak,
    isAsking,
    close: () => setAsking(false),
    claim: (queue: string) => {
      if (!next.isPending) next.mutate(queue)
    },
    ask: () => {
      if (weak) say({ text: weak, tone: 'bad' })
      else if (only === undefined) setAsking(true)
      else if (!next.isPending) next.mutate(only)
    },
  }
}
