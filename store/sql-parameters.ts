/** Gathers the parameters of a statement that is put together from parts. */
export class SqlParameters {
  readonly values: unknown[] = [];

  /** @param type of Postgres, written by us: it becomes part of the statement, the value does not. */
  add(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}
