/** One zone's offsets from UTC, in seconds east of Greenwich, over all of time. */
export interface ZoneRules {
  /** The offset before the first change: local mean time as a rule. */
  readonly first: number;
  /** When the offset changes: seconds since 1970-01-01T00:00:00Z, strictly ascending. */
  readonly at: readonly number[];
  /** The offset from `at[n]` on; as many as `at`. */
  readonly offset: readonly number[];
  /** A POSIX TZ string for the time from the last change on, without an end; see `PosixRule`. */
  readonly rule: string;
}
