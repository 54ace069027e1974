/** The calls of Agora's Cloud Recording REST API. */
export type CallName =
  | 'acquire'
  | 'start'
  | 'query'
  | 'update'
  | 'updateLayout'
  | 'stop'
  | 'notificationServers'
