/** What a reminder knows: the person by row id, and when. */
export interface Reminder {
  readonly rid: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface ObviousActivities {
  remind(person: Pick<Reminder, 'rid'>): Promise<void>;
}
