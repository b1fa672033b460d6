import { SECOND } from '../../domain/time/instant';

/** How a server is ended: asked to, told to at once, or killed without a word. */
export type End = 'asked' | 'at-once' | 'killed';

/** Where in DATA the mail server breaks a connection: before the final dot it keeps nothing, after it the mail. */
export type Cut = 'before-the-dot' | 'after-the-dot';

/** One thing that goes wrong, and for how long. */
export type Fault =
  /** The worker with most mails on the wire. */
  | { readonly kind: 'worker-killed'; readonly awayMs: number }
  | { readonly kind: 'worker-asked-to-end'; readonly awayMs: number }
  | { readonly kind: 'api-killed'; readonly awayMs: number }
  | { readonly kind: 'postgres-restarted'; readonly end: End; readonly awayMs: number }
  | { readonly kind: 'redis-emptied' }
  | { readonly kind: 'redis-restarted'; readonly awayMs: number }
  | { readonly kind: 'temporal-restarted'; readonly awayMs: number }
  | { readonly kind: 'campaign-paused'; readonly forMs: number }
  | { readonly kind: 'mail-hangs'; readonly forMs: number }
  | { readonly kind: 'mail-refuses-connections'; readonly forMs: number }
  /** 421 to everybody; 450 and 550 to such a share of the addresses. */
  | {
      readonly kind: 'mail-answers';
      readonly code: 421 | 450 | 550;
      readonly share: number;
      readonly forMs: number;
    }
  | { readonly kind: 'mail-drops'; readonly cut: Cut; readonly mails: number };

export type FaultKind = Fault['kind'];

const ENDS: Readonly<Record<End, string>> = {
  asked: 'is asked to end',
  'at-once': 'is told to end at once',
  killed: 'is killed',
};

/** A fault as a line of a report. */
export function wordsOf(fault: Fault): string {
  switch (fault.kind) {
    case 'worker-killed':
      return `a worker is killed and comes back after ${seconds(fault.awayMs)}`;
    case 'worker-asked-to-end':
      return `a worker is asked to end and comes back after ${seconds(fault.awayMs)}`;
    case 'api-killed':
      return `the API is killed and comes back after ${seconds(fault.awayMs)}`;
    case 'postgres-restarted':
      return `Postgres ${ENDS[fault.end]} and comes back after ${seconds(fault.awayMs)}`;
    case 'redis-emptied':
      return 'Redis is emptied';
    case 'redis-restarted':
      return `Redis is killed and comes back after ${seconds(fault.awayMs)}`;
    case 'temporal-restarted':
      return `Temporal is killed and comes back after ${seconds(fault.awayMs)}`;
    case 'campaign-paused':
      return `a campaign is paused and resumed after ${seconds(fault.forMs)}`;
    case 'mail-hangs':
      return `the mail server hangs for ${seconds(fault.forMs)}`;
    case 'mail-refuses-connections':
      return `the mail server refuses connections for ${seconds(fault.forMs)}`;
    case 'mail-answers':
      return `the mail server answers ${fault.code} to ${Math.round(fault.share * 100)} % for ${seconds(fault.forMs)}`;
    case 'mail-drops':
      return `the mail server breaks off the next ${fault.mails} mails ${fault.cut.replaceAll('-', ' ')}`;
  }
}

function seconds(ms: number): string {
  return `${(ms / SECOND).toFixed(1)} s`;
}
