import { Button } from '../../ui/Button'
import { Command } from '../../ui/Command'
import { Message } from '../../ui/Message'

/** Nothing has ever come in: how to change that. */
export function EmptyDesk({ tenantId }: { tenantId: string }) {
  const url = `${window.location.origin}/v1/tenants/${encodeURIComponent(tenantId)}/exceptions`
  return (
    <Message icon="inbox" title="No exceptions yet">
      <p>They appear here the moment a source system sends one. To fill the desk with realistic examples:</p>
      <Command>{`sentinai seed --tenant-id ${tenantId} --count 50`}</Command>
      <p>To send one yourself:</p>
      <Command>{sendOne(url)}</Command>
      <p>
        What may be sent, and what comes back, is in the <a href="/docs">API reference</a>.
      </p>
    </Message>
  )
}

const sendOne = (url: string) => `curl ${url} \\
  -H "X-API-KEY: $KEY" -H "Content-Type: application/json" \\
  -d '{"exception": {"sourceSystem": "…", "exceptionType": "…", "rawPayload": {}}}'`

export const NoMatch = ({ onClear }: { onClear: () => void }) => (
  <Message icon="search" title="Nothing matches these filters">
    <p>Take one off above, or all of them.</p>
    <Button onClick={onClear}>Clear all filters</Button>
  </Message>
)
