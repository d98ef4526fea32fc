import { useMutation } from '@tanstack/react-query'
import { api, unwrap } from '../api/client'
import { problemText } from '../api/problem'
import { paths } from '../paths'
import { IconButton } from '../ui/Button'

export function LogOut() {
  const logOut = useMutation({
    mutationFn: () => unwrap(api.DELETE('/v1/session')),
    // A new page, so that nothing of the tenant stays in memory.
    onSuccess: () => window.location.assign(paths.login()),
  })
  const label = logOut.isError ? `Log out (${problemText(logOut.error).title}; try again)` : 'Log out'
  return <IconButton icon="logout" label={label} disabled={logOut.isPending} onClick={() => logOut.mutate()} />
}
