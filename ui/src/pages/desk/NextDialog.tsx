import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, type KeyboardEvent } from 'react'
import type { Queue } from '../../api/types'
import { queuesQuery } from '../../api/work'
import { Failure } from '../../components/Failure'
import { Dialog } from '../../ui/Dialog'
import { Kbd } from '../../ui/Kbd'
import { Skeleton } from '../../ui/Skeleton'
import styles from './NextDialog.module.css'

interface NextDialogProps {
  tenantId: string
  onChoose: (queue: string) => void
  onClose: () => void
}

/** Which queue to take the next exception from. A digit chooses. */
export function NextDialog({ tenantId, onChoose, onClose }: NextDialogProps) {
  const queues = useQuery(queuesQuery(tenantId))
  const box = useRef<HTMLUListElement>(null)
  const buttons = () => [...(box.current?.querySelectorAll('button') ?? [])]
  const isThere = queues.data !== undefined
  useEffect(() => {
    if (isThere) box.current?.querySelector<HTMLElement>('button:not(:disabled)')?.focus()
  }, [isThere])

  const onKeyDown = (event: KeyboardEvent) => {
    const all = buttons()
    const steps: Record<string, number | undefined> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }
    const step = steps[event.key]
    if (/^[1-9]$/.test(event.key)) all[Number(event.key) - 1]?.click()
    else if (step) {
      const free = all.filter((button) => !button.disabled)
      const at = free.findIndex((button) => button === document.activeElement)
      free[(at + step + free.length) % free.length]?.focus()
    } else return
    event.preventDefault()
  }
  const choose = (queue: string) => {
    // Closing the element gives the focus back to where it was.
    box.current?.closest('dialog')?.close()
    onChoose(queue)
  }
  return (
    <Dialog title="Next of which queue?" onClose={onClose}>
      {queues.isPending ? <Skeleton width={280} /> : null}
      {queues.isError ? <Failure error={queues.error} retry={() => void queues.refetch()} /> : null}
      {/* The keys choose among the buttons inside, which can be used without them. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <ul ref={box} className={styles.queues} onKeyDown={onKeyDown}>
        {queues.data?.map((queue, at) => (
          <li key={queue.queue}>
            <button
              type="button"
              disabled={waits(queue) === 0}
              title={queue.description}
              onClick={() => choose(queue.queue)}
            >
              {at < 9 ? <Kbd>{String(at + 1)}</Kbd> : <span />}
              <span>{queue.label}</span>
              <span className={styles.count}>
                {waits(queue).toLocaleString('en-US')} open
                {queue.critical > 0 ? `, ${queue.critical.toLocaleString('en-US')} critical in the queue` : ''}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}

const waits = ({ counts }: Queue) => counts.OPEN ?? 0
