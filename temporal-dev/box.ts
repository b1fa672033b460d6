import type { Stack } from './stack-file';

/** What somebody who has just typed `npm start` wants to know. No border at the sides: the curl is to be copied. */
export function box(stack: Stack, adminKey: string): string {
  const rows: readonly (readonly [string, string])[] = [
    ['Console', stack.console],
    ['API', stack.api],
    ['  reference', `${stack.api}/docs`],
    ['Admin key', adminKey],
    ['Temporal Web UI', stack.temporalUi ?? `the one of your server at ${stack.temporal}`],
    ...(stack.codec === undefined ? [] : [['  decoded after', `a sign-in at ${stack.codec}`] as const]),
    ['Inbox', stack.inbox ?? 'none: mail goes to your SMTP server'],
  ];
  const line = '─'.repeat(78);
  return [
    line,
    ...rows.map(([name, value]) => `  ${name.padEnd(17)}${value}`),
    '',
    '  Send a mail to everybody in 10 seconds:',
    '',
    firstSchedule(stack.api, adminKey),
    line,
    '  Ctrl-C stops everything; data stay in place.',
  ].join('\n');
}

/** One line that works when pasted into a shell. */
function firstSchedule(api: string, adminKey: string): string {
  const schedule = {
    name: 'My first schedule',
    channel: 'email',
    content: { subject: 'Hello {{first_name}}', body: 'This was sent by a durable workflow.' },
    audienceQuery: {},
    scheduleType: 'once',
    delay: 'PT10S',
    timeZoneMode: 'fixed',
  };
  return [
    `curl -sS -X POST ${api}/v1/schedules`,
    `-H 'Authorization: Bearer ${adminKey}'`,
    `-H 'Content-Type: application/json'`,
    `-d '${JSON.stringify(schedule)}'`,
  ].join(' ');
}
