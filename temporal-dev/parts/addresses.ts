/** Where the servers answer. Null is what an external server does not tell. */
export interface Addresses {
  readonly postgres: string;
  readonly redis: string;
  /** host:port */
  readonly temporal: string;
  readonly temporalUi: string | null;
  readonly smtp: string;
  readonly inbox: string | null;
}
