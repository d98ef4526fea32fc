import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api, unwrap } from '../api/client'
import { problemText } from '../api/problem'
import { sessionQuery } from '../api/queries'
import { forgetSession } from '../api/session'
import { IconButton } from '../ui/Button'

export function LogOut() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const logOut = useMutation({
    mutationFn: () => unwrap(api.DELETE('/v1/session')),
    onSuccess: async () => {
      client.setQueryData(sessionQuery().queryKey, (session) => session && { ...session, authenticated: false })
      await navigate({ to: '/login' })
      forgetSession(client)
    },
  })
  const label = logOut.isError ? `Log out (${problemText(logOut.error).title}; try again)` : 'Log out'
  return <IconButton icon="logout" label={label} disabled={logOut.isPending} onClick={() => logOut.mutate()} />
}
