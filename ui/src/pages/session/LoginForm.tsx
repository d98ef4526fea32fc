import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useState, type ReactNode, type SubmitEvent } from 'react'
import { api, unwrap } from '../../api/client'
import { Problem, problemText } from '../../api/problem'
import { sessionQuery } from '../../api/queries'
import { safeNext } from '../../paths'
import { Button, IconButton } from '../../ui/Button'
import { Notice } from './Notice'
import styles from './LoginPage.module.css'

interface LoginFormProps {
  /** `key`, or `off` where the tenant is enough. */
  auth: string
  next: string | undefined
}

export function LoginForm({ auth, next }: LoginFormProps) {
  const [keyShown, setKeyShown] = useState(false)
  const client = useQueryClient()
  const router = useRouter()
  const logIn = useMutation({
    mutationFn: (body: { tenantId: string; key?: string }) => unwrap(api.POST('/v1/session', { body })),
    onSuccess: (session) => {
      client.setQueryData(sessionQuery().queryKey, session)
      router.history.replace(safeNext(next))
    },
  })
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const tenantId = String(form.get('tenant')).trim()
    logIn.mutate(auth === 'off' ? { tenantId } : { tenantId, key: String(form.get('key')).trim() })
  }
  return (
    <form className={styles.form} onSubmit={submit} aria-label="Log in">
      {logIn.isError ? <Refusal error={logIn.error} /> : null}
      <Field id="tenant" label="Tenant">
        {/* The page has one purpose; the first field is where it starts. */}
        {/* eslint-disable-next-line jsx-a11y/no-autofocus */}
        <input id="tenant" name="tenant" required autoFocus autoComplete="username" spellCheck={false} />
      </Field>
      {auth !== 'off' ? (
        <Field id="key" label="API key">
          <input
            id="key"
            name="key"
            type={keyShown ? 'text' : 'password'}
            required
            autoComplete="off"
            spellCheck={false}
          />
          <IconButton
            icon={keyShown ? 'eyeOff' : 'eye'}
            label={keyShown ? 'Hide the key' : 'Show the key'}
            aria-pressed={keyShown}
            onClick={() => setKeyShown(!keyShown)}
          />
        </Field>
      ) : (
        <p className={styles.hint}>Authentication is off on this server: the tenant is enough.</p>
      )}
      <Button look="primary" type="submit" className={styles.submit} disabled={logIn.isPending}>
        {logIn.isPending ? 'Logging in…' : 'Log in'}
      </Button>
      {auth !== 'off' && !logIn.isError ? (
        <p className={styles.hint}>
          The demo’s keys are in <code>.sentinai/credentials.json</code>. Otherwise your administrator issues them.
        </p>
      ) : null}
    </form>
  )
}

const Field = ({ id, label, children }: { id: string; label: string; children: ReactNode }) => (
  <div className={styles.field}>
    <label htmlFor={id}>{label}</label>
    <div className={styles.control}>{children}</div>
  </div>
)

function Refusal({ error }: { error: Error }) {
  const { title, detail } = problemText(error)
  if (!(error instanceof Problem) || error.status !== 401)
    return (
      <Notice tone="error" title={title}>
        {detail}
      </Notice>
    )
  return (
    <Notice tone="error" title="Tenant and key do not match">
      {detail} Check both: the demo’s keys are in <code>.sentinai/credentials.json</code>, one per tenant and role;
      other keys come from your administrator and may have been revoked or have expired.
    </Notice>
  )
}
