/** What a first schedule may say. */
export const scheduleExample = {
  name: 'Spring news',
  channel: 'email',
  content: { subject: 'Spring is here', body: 'Hello {{first_name}}, spring is here.' },
  audienceQuery: { plan: 'premium' },
  scheduleType: 'once',
  runAt: '2027-03-20T09:00:00',
  timeZoneMode: 'user-local',
};

/** The same as it is answered: every field, with the defaults. */
export const scheduleAnswer = {
  ...scheduleExample,
  id: 'sch_01KA4ZJ3Q0V6R1D4T2M8X9YB7C',
  fallbackChannels: [],
  templateId: null,
  data: {},
  category: 'marketing',
  priority: 3,
  tags: [],
  delay: null,
  timeZone: null,
  gap: 'forward',
  overlap: 'first',
  cronExpression: null,
  rrule: null,
  startsAt: null,
  endsAt: null,
  maxOccurrences: null,
  excludeDates: [],
  holidays: null,
  businessHours: null,
  monthEnd: 'skip',
  concurrency: 'allow',
  late: { policy: 'send', graceSeconds: 3600 },
  catchUp: { windowSeconds: 3600, max: 1 },
  expiresAfter: 'PT24H',
  onUnknown: 'resend',
  quietHours: null,
  maxPerUserPerDay: 3,
  maxPerUserPerWeek: 10,
  capWindow: 'rolling',
  onCap: 'drop',
  onThrottleUnavailable: 'wait',
  drip: null,
  steps: [],
  trigger: null,
  draft: false,
  status: 'scheduled',
  version: 1,
  appliedVersion: 1,
  nextRunAt: '2027-03-19T19:00:00.000Z',
  createdBy: 'admin',
  createdAt: '2026-12-01T09:00:00.000Z',
  updatedAt: '2026-12-01T09:00:00.000Z',
  archivedAt: null,
  links: {},
};

export const warningExample = {
  code: 'variable.empty',
  variable: 'first_name',
  people: 3,
  of: 1200,
  examined: 'everybody',
  message: '3 of 1,200 people have no first_name: their message has a hole where it stands.',
};

export const previewAnswer = {
  zones: [
    {
      zone: 'Europe/Berlin',
      sends: [
        {
          local: '2027-03-20T09:00:00',
          at: '2027-03-20T08:00:00.000Z',
          offset: '+01:00',
          nominal: '2027-03-20T09:00:00',
          adjusted: null,
        },
      ],
      skipped: [],
    },
  ],
  audience: { total: 3, byZone: { 'Europe/Vienna': 3 } },
  audienceQuery: { attribute: 'plan', op: 'equals', value: 'premium' },
  warnings: [],
  conflicts: [],
};

export const deliveryAnswer = {
  recipient: 'ada',
  occurrence: '2027-03-20T09:00:00',
  step: null,
  outcome: 'sent',
  reason: null,
  channel: 'email',
  timeZone: 'Europe/Vienna',
  timeZoneSource: 'profile',
  locale: 'de-AT',
  adjusted: null,
  dueAt: '2027-03-20T08:00:00.000Z',
  settledAt: '2027-03-20T08:00:00.021Z',
  latenessMs: 21,
  attempts: 1,
  provider: 'smtp',
  trail: [
    {
      at: '2027-03-20T08:00:00.021Z',
      channel: 'email',
      provider: 'smtp',
      result: 'accepted',
      reason: null,
    },
  ],
};

export const occurrenceAnswer = {
  id: '1',
  nominal: '2027-03-20T09:00:00',
  version: 1,
  state: 'closed',
  openedAt: '2027-03-19T18:55:00.000Z',
  closedAt: '2027-03-20T16:00:01.000Z',
  deliveriesDroppedAt: null,
  counts: { sent: 1190, 'no-address': 10 },
  considered: 1200,
  links: {},
};

export const auditAnswer = {
  seq: 2,
  at: '2026-12-01T09:30:00.000Z',
  action: 'pause',
  actorId: 'admin',
  scheduleId: 'sch_01KA4ZJ3Q0V6R1D4T2M8X9YB7C',
  payloadDiff: { changed: ['status'], from: { status: 'scheduled' }, to: { status: 'paused' } },
  prevHash: null,
  hash: null,
};
