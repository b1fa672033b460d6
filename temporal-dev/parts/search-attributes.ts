/** The search attributes of our workflows; every server that runs them has to know these before a worker starts. */
export const SEARCH_ATTRIBUTES = {
  SundialTenant: 'Keyword',
  SundialSchedule: 'Keyword',
  SundialState: 'Keyword',
  SundialNextFire: 'Datetime',
} as const;
