/** The calls of Agora's Cloud Recording REST API that this client speaks. */
export type CallName = 'acquire' | 'start' | 'query' | 'update' | 'stop'
