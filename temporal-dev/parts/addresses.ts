/** Where the servers answer. Null is what an external server does not tell. */
export interface Addresses {
  readonly postgres: string;
  readonly redis: string;
  /** host:port */
  readonly temporal: string;
  readonly temporalUi: string | null;
  /** Where the Web UI's decoder answers and operators sign in. */
  readonly codec?: string;
  readonly smtp: string;
  readonly inbox: string | null;
}
