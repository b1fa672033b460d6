/**
 * The tables of the ledger, which is partitioned by `day`: each has one partition a day, all made and dropped together.
 * What belongs to rows of another table comes after it.
 */
export const LEDGER_TABLES = ['delivery', 'attempt', 'message_data'] as const;

export type LedgerTable = (typeof LEDGER_TABLES)[number];
