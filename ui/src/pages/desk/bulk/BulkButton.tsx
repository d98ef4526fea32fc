import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import type { DeskSearch } from '../../../api/filter'
import type { Pack } from '../../../api/types'
import { Button } from '../../../ui/Button'
import { useHotkeys } from '../../../ui/hotkeys'
import { number } from '../../bulk/words'
import { hindrance } from '../../../components/people'
import { BulkDialog } from './BulkDialog'
import styles from './BulkButton.module.css'

const route = getRouteApi('/member/desk')

interface BulkButtonProps {
  tenantId: string
  search: DeskSearch
  pack: Pack | undefined
  total: number | undefined
}

/** Changes all that the filter selects, also by `b`. */
export function BulkButton({ tenantId, search, pack, total }: BulkButtonProps) {
  const { session } = route.useRouteContext()
  const [isOpen, setOpen] = useState(false)
  const weak = hindrance(session.role, 'operator')
  const isOff = weak !== undefined || !total
  useHotkeys({
    b: (event) => {
      event.preventDefault()
      if (!isOff) setOpen(true)
    },
  })
  return (
    <>
      <Button
        className={styles.button}
        disabled={isOff}
        title={weak ?? 'One command for everything that the filter selects'}
        aria-keyshortcuts="b"
        onClick={() => setOpen(true)}
      >
        Change all<span className={styles.count}>{total ? number(total) : ''}</span>
      </Button>
      {isOpen && total ? (
        <BulkDialog tenantId={tenantId} search={search} pack={pack} total={total} onClose={() => setOpen(false)} />
      ) : null}
    </>
  )
}
