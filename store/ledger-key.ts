/** The part of the ledger's key that all people of one page share. */
export interface LedgerKey {
  /** `YYYY-MM-DD`, from the occurrence's nominal date: the partition. */
  readonly day: string;
  /** Row id as a decimal string. */
  readonly occurrenceId: string;
  /** Step of a drip; empty for a plain schedule. */
  readonly step: string;
}
