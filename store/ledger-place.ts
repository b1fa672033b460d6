/** Where a list of ledger rows goes on: occurrence, step and person of the last row. */
const PLACE = /^(\d{1,18})\/([A-Za-z0-9-]{0,40})\/(\d{1,18})$/;

export interface LedgerPlace {
  readonly occurrenceId: string;
  readonly step: string;
  readonly rid: string;
}

/** Whether `key` can be a place in such a list. */
export function isLedgerPlace(key: string): boolean {
  return PLACE.test(key);
}

/** Null at the beginning of the list. */
export function readPlace(key: string | null): LedgerPlace | null {
  const [, occurrenceId, step, rid] = (key === null ? null : PLACE.exec(key)) ?? [];
  return occurrenceId === undefined || step === undefined || rid === undefined
    ? null
    : { occurrenceId, step, rid };
}

export function writePlace(row: { occurrence_id: string; step: string; rid: string }): string {
  return `${row.occurrence_id}/${row.step}/${row.rid}`;
}
