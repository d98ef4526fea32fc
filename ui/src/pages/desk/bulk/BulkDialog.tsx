// From a command to its outcomes: form, preview, run. Leaving the preview gives the run up; leaving a run lets it go on.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import {
  decideBulk,
  previewBulk,
  rememberRun,
  type BulkCommand,
  type BulkPreview,
  type BulkRun,
} from '../../../api/bulk'
import { codesQuery } from '../../../api/codes'
import type { DeskSearch } from '../../../api/filter'
import { problemText } from '../../../api/problem'
import type { Pack } from '../../../api/types'
import { Dialog } from '../../../ui/Dialog'
import { commandWords, exceptions } from '../../bulk/words'
import { BulkOutcome } from './BulkOutcome'
import { BulkPreviewed } from './BulkPreviewed'
import { CommandForm } from './CommandForm'
import type { Values, Verb } from './forms'
import styles from './BulkDialog.module.css'

interface BulkDialogProps {
  tenantId: string
  search: DeskSearch
  pack: Pack | undefined
  total: number
  onClose: () => void
}

export function BulkDialog({ tenantId, search, pack, total, onClose }: BulkDialogProps) {
  const client = useQueryClient()
  const codes = useQuery(codesQuery(tenantId)).data
  const [verb, setVerb] = useState<Verb>('claim')
  const [values, setValues] = useState<Values>({})
  const [preview, setPreview] = useState<BulkPreview>()
  const [run, setRun] = useState<BulkRun>()
  const isClosed = useRef(false)
  const box = useRef<HTMLDivElement>(null)
  const step = run ? 'run' : preview ? 'preview' : 'form'
  // Each step begins at its first control; a dialog by itself would begin at its close button.
  useEffect(() => box.current?.querySelector<HTMLElement>('select, button:enabled')?.focus(), [step])

  const giveUp = (runId: string) =>
    void decideBulk(tenantId, runId, 'discard').then(
      (now) => rememberRun(client, tenantId, now),
      // Nothing was changed: a run that cannot be given up now stays a preview, which is seen under Bulk.
      () => undefined,
    )
  const ask = useMutation({
    mutationFn: (command: BulkCommand) => previewBulk(tenantId, search, command),
    onSuccess: (answer) => (isClosed.current ? giveUp(answer.run.runId) : setPreview(answer)),
  })
  const commit = useMutation({
    mutationFn: (runId: string) => decideBulk(tenantId, runId, 'commit'),
    onSuccess: (now) => {
      setRun(now)
      rememberRun(client, tenantId, now)
    },
  })
  const back = () => {
    if (preview) giveUp(preview.run.runId)
    setPreview(undefined)
    commit.reset()
  }
  const close = () => {
    isClosed.current = true
    // What is being committed is decided by its answer.
    if (preview && !run && !commit.isPending) giveUp(preview.run.runId)
    onClose()
  }
  const failure = commit.error ?? ask.error

  return (
    <Dialog title={title()} onClose={close}>
      <div className={styles.body} ref={box}>
        {content()}
        {failure && !run ? (
          <p className={styles.error} role="alert">
            {problemText(failure).detail}
          </p>
        ) : null}
      </div>
    </Dialog>
  )

  function title() {
    if (preview) return `${commandWords(preview.run.command, { pack, codes })}: ${exceptions(preview.run.total)}`
    return `Change ${exceptions(total)}`
  }

  function content() {
    if (run) return <BulkOutcome tenantId={tenantId} started={run} onLeave={close} />
    if (preview)
      return (
        <BulkPreviewed
          preview={preview}
          pending={commit.isPending}
          onCommit={() => commit.mutate(preview.run.runId)}
          onBack={back}
          onLeave={close}
        />
      )
    return (
      <CommandForm
        tenantId={tenantId}
        search={search}
        pack={pack}
        codes={codes}
        verb={verb}
        values={values}
        pending={ask.isPending}
        onVerb={(next) => {
          setVerb(next)
          setValues({})
          ask.reset()
        }}
        onValues={setValues}
        onPreview={(command) => ask.mutate(command)}
      />
    )
  }
}
