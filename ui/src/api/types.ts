// Names for the answers of the API, taken from the generated schema so that they cannot drift from it.
import type { approvalStates } from './approvals'
import type { paths } from './schema'

type Body<Operation> = Operation extends { responses: { 200: { content: { 'application/json': infer Json } } } }
  ? Json
  : never
type Got<Path extends keyof paths> = Body<paths[Path]['get']>

export type Session = Got<'/v1/session'>
export type Pack = Got<'/v1/tenants/{tenant}/pack'>
export type ExceptionPage = Got<'/v1/tenants/{tenant}/exceptions'>
export type ExceptionItem = ExceptionPage['items'][number]
export type Facets = Got<'/v1/tenants/{tenant}/exceptions:facets'>
export type FacetCount = Facets['severity'][number]
export type ExceptionDetail = Got<'/v1/tenants/{tenant}/exceptions/{exceptionId}'>
export type ExceptionField = ExceptionDetail['fields'][number]
export type ExceptionEvent = Got<'/v1/tenants/{tenant}/exceptions/{exceptionId}/events'>['items'][number]
export type QuarantinePage = Got<'/v1/tenants/{tenant}/quarantine'>
export type QuarantineEntry = QuarantinePage['items'][number]
export type QuarantineCode = QuarantinePage['codes'][number]
export type QuarantineDetail = Got<'/v1/tenants/{tenant}/quarantine/{quarantineId}'>
export type QuarantineState = QuarantineEntry['state']
export type ChainEvent = Got<'/v1/tenants/{tenant}/audit/events'>['items'][number]
export type ChainVerdict = Body<paths['/v1/tenants/{tenant}/audit/verify']['post']>
export type ChainVerification = Body<paths['/v1/tenants/{tenant}/audit/head']['get']>['lastVerification']
export type JobPage = Got<'/v1/tenants/{tenant}/jobs'>
export type Job = JobPage['items'][number]
export type Ageing = Got<'/v1/tenants/{tenant}/ageing'>[number]
export type AgeBucket = Ageing['buckets'][number]
export type Severity = ExceptionItem['severity']
export type Status = ExceptionItem['status']

type CommandPath = paths['/v1/tenants/{tenant}/exceptions/{exceptionId}/commands']['post']
export type Command = CommandPath['requestBody']['content']['application/json']
export type Verb = Command['command']
export type Commanded = Body<CommandPath>
export type Work = ExceptionDetail['workflow']
export type Pending = NonNullable<Work['pending']>
export type Queue = Got<'/v1/tenants/{tenant}/queues'>[number]
export type Person = Got<'/v1/tenants/{tenant}/members'>[number]
export type Approval = Got<'/v1/tenants/{tenant}/approvals'>['items'][number]
export type ApprovalState = (typeof approvalStates)[number]
