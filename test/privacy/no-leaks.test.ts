import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createPayloadCodec } from '../../platform/payload-codec';
import { connectTemporal } from '../../platform/temporal';
import type { TemporalClient } from '../../platform/temporal';
import { openDatabase } from '../../store/database';
import type { Database } from '../../store/database';
import { occurrenceWorkflowId, scheduleWorkflowId } from '../../workflows/contract';
import { eventually } from '../eventually';
import { startMailServer } from '../mail-server';
import { raiseOwnStack } from '../../temporal-dev/house/own-stack';
import type { OwnApi, OwnStack, OwnWorker } from '../../temporal-dev/house/own-stack';
import { rememberedByTemporal } from './remembered';
import { leaksIn, SECRETS } from './secrets';

jest.setTimeout(240_000);

const CORRELATION_ID = 'launch-2026.41';

let stack: OwnStack;
let db: Database;
let temporal: TemporalClient;
let mailServer: Awaited<ReturnType<typeof startMailServer>>;
let api: OwnApi;
let worker: OwnWorker;

/** Everything that was written down while the schedule ran, by where. */
let written: Map<string, string>;
let scheduleId: string;
let nominal: string;

beforeAll(async () => {
  stack = await raiseOwnStack();
  db = openDatabase(stack.addresses.postgres);
  temporal = connectTemporal(stack.addresses.temporal);
  mailServer = await startMailServer({
    onRcptTo({ address }, _session, done) {
      const refused = address === SECRETS.refusedAddress;
      done(refused ? Object.assign(new Error(`<${address}> is unknown here`), { responseCode: 550 }) : null);
    },
  });
  const talkative = { SUNDIAL_LOG_LEVEL: 'debug', SMTP_URL: mailServer.url };
  api = await stack.startApi(talkative);
  worker = await stack.startWorker(talkative);
  await stumble();
  const errors = await runSchedule();
  written = await everythingWritten(errors);
});

afterAll(async () => {
  await mailServer.close();
  await temporal.close();
  await db.close();
  await stack.end();
});

/** Has Postgres fail the first two openings and claims, with messages that quote values as those of Postgres do. */
async function stumble(): Promise<void> {
  await db.pool.query(
    `create function stumble() returns trigger language plpgsql as $$
     begin
       if nextval(tg_argv[0]::regclass) <= 2 then
         raise exception using errcode = 'unique_violation', message = 'of ${SECRETS.address}',
               detail = 'Key (email)=(${SECRETS.address}) exists.', hint = 'Ask ${SECRETS.firstName}.';
       end if;
       return new;
     end $$`,
  );
  for (const table of ['occurrence', 'delivery']) {
    await db.pool.query(`create sequence stumbles_of_${table}`);
    await db.pool.query(
      `create trigger stumble before insert on ${table}
         for each row execute function stumble('stumbles_of_${table}')`,
    );
  }
}

async function request(
  method: string,
  route: string,
  body?: string | object,
  mediaType = 'application/json',
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${api.url}${route}`, {
    method,
    headers: {
      authorization: `Bearer ${stack.adminKey}`,
      'content-type': mediaType,
      'x-correlation-id': CORRELATION_ID,
    },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

/** The JSON of an answer that is expected to be good. */
// oxlint-disable-next-line typescript/no-explicit-any -- tests read the JSON of many routes
async function ask(...asked: Parameters<typeof request>): Promise<any> {
  const { status, text } = await request(...asked);
  if (status >= 300) throw new Error(`${asked[0]} ${asked[1]}: ${status} ${text}`);
  return JSON.parse(text);
}

/** From people and a template to the last outcome. Returns the answers that were errors. */
async function runSchedule(): Promise<string[]> {
  const { address, refusedAddress, importedAddress } = SECRETS;
  const attributes = { first_name: SECRETS.firstName, last_name: SECRETS.lastName, taste: SECRETS.attribute };
  const profile = { phone: SECRETS.phone, timeZone: 'Europe/Berlin', locale: 'de', attributes };
  for (const email of [address, refusedAddress]) {
    await ask('PUT', `/v1/recipients/${encodeURIComponent(email)}`, { ...profile, email });
  }
  const job = await ask(
    'POST',
    '/v1/recipients/import',
    [
      'id,email,phone,locale,timeZone,taste,first_name',
      `${importedAddress},${importedAddress},,de,Europe/Oslo,${SECRETS.attribute},${SECRETS.importedAttribute}`,
      `${importedAddress}-2,${importedAddress}${SECRETS.phone},,de,${importedAddress},${SECRETS.attribute},x`,
    ].join('\n'),
    'text/csv',
  );
  await eventually(
    'the import is over',
    async () => (await ask('GET', `/v1/jobs/${job.id}`)).status === 'completed',
  );
  const errors = [(await request('GET', `/v1/jobs/${job.id}/errors`)).text];

  const template = await ask('POST', '/v1/templates', {
    name: 'Report',
    defaultLocale: 'de',
    contents: {
      email: {
        variants: {
          de: {
            subject: `${SECRETS.subject} {{first_name}}`,
            body: `${SECRETS.body}, {{first_name}} {{last_name}}: {{code}}. ${SECRETS.phrase}`,
          },
        },
      },
    },
  });
  ({ id: scheduleId } = await ask('POST', '/v1/schedules', {
    name: 'Report',
    channel: 'email',
    templateId: template.id,
    data: { code: SECRETS.data },
    audienceQuery: { taste: SECRETS.attribute },
    delay: 'PT1S',
  }));
  errors.push(...(await provokeErrors(template.id)));
  await eventually(
    'the schedule is over',
    async () => (await ask('GET', `/v1/schedules/${scheduleId}`)).status === 'completed',
    { withinMs: 90_000, everyMs: 100 },
  );
  const occurrences = await ask('GET', `/v1/schedules/${scheduleId}/occurrences`);
  ({ nominal } = occurrences.items[0]);
  expect(occurrences.items).toMatchObject([{ counts: { sent: 2, failed: 1 } }]);
  expect((await request('POST', `/v1/schedules/${scheduleId}/pause`)).status).toBe(409);
  return errors;
}

/** Requests that are wrong in what they say of people; returns what is answered. */
async function provokeErrors(templateId: string): Promise<string[]> {
  const one = `/v1/recipients/${encodeURIComponent(SECRETS.address)}`;
  const answers = [
    await request('PUT', one, { email: `${SECRETS.address}@twice` }),
    await request('PUT', one, { phone: `${SECRETS.phone}${SECRETS.phone}` }),
    await request('PUT', one, { timeZone: SECRETS.address }),
    await request(
      'PUT',
      one,
      `{"attributes": {"first_name": "${SECRETS.firstName}", oops ${SECRETS.lastName}}}`,
    ),
    await request('GET', `/v1/recipients/${encodeURIComponent(`${SECRETS.address}.unknown`)}`),
    await request('POST', `/v1/templates/${templateId}/render`, {
      recipient: `${SECRETS.address}.unknown`,
      channel: 'email',
    }),
    await request('POST', '/v1/suppressions', { channel: 'sms', address: SECRETS.address }),
    await request('POST', '/v1/suppressions/lookup', { channel: 'email', address: SECRETS.phone }),
    await request('GET', `/v1/suppressions?address=${encodeURIComponent(SECRETS.address)}`),
    await request('POST', '/v1/templates', {
      name: 'Broken',
      contents: { email: { variants: { de: { body: `${SECRETS.body} {{#open}}` } } } },
      defaultLocale: 'de',
    }),
    await request('POST', '/v1/schedules/preview', {
      schedule: { audienceQuery: { attribute: 'taste', op: 'resembles', value: SECRETS.attribute } },
    }),
    await request('GET', `/v1/schedules/${scheduleId}/deliveries?outcome=${SECRETS.attribute}`),
    await request('GET', `/${encodeURIComponent(SECRETS.address)}`),
  ];
  expect(answers.filter(({ status }) => status < 400 || status >= 500)).toEqual([]);
  return answers.map(({ text }) => text);
}

async function everythingWritten(errors: readonly string[]): Promise<Map<string, string>> {
  const codec = createPayloadCodec(stack.keyRing);
  const remembered = await eventually('both workflows of the schedule can be listed', async () => {
    const found = await rememberedByTemporal(temporal.client, codec);
    return workflowIds().every((id) => found.has(`${id}, as stored,`)) && found;
  });
  return new Map([
    ...remembered,
    ...errors.map((text, n) => [`error answer ${n}`, text] as const),
    ['metrics of the API', await pageAt(`${api.url}/metrics`)],
    ['metrics of the worker', await pageAt(worker.metricsUrl)],
    ['the log of the API', logOf('api')],
    ['the log of the worker', logOf('worker')],
  ]);
}

const pageAt = async (url: string): Promise<string> => (await fetch(url)).text();

const workflowIds = (): string[] => [
  scheduleWorkflowId(scheduleId),
  occurrenceWorkflowId(scheduleId, nominal),
];

function logOf(process: 'api' | 'worker'): string {
  const files = readdirSync(stack.logs).filter((file) => file.startsWith(`${process}-`));
  return files.map((file) => readFileSync(path.join(stack.logs, file), 'utf8')).join('\n');
}

/** The lines of a log under the correlation id. */
function linesOf(process: 'api' | 'worker'): Record<string, unknown>[] {
  return logOf(process)
    .split('\n')
    .filter((line) => line.includes(CORRELATION_ID))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('after a schedule has run', () => {
  it('everything was there to be told: mails, failures, metrics, histories and logs', () => {
    const [mail] = mailServer.mails.filter((one) => one.address === SECRETS.address);
    expect(mail?.subject).toBe(`${SECRETS.subject} ${SECRETS.firstName}`);
    for (const secret of [SECRETS.body, SECRETS.lastName, SECRETS.data, SECRETS.phrase]) {
      expect(mail?.body).toContain(secret);
    }
    expect(mailServer.mails).toHaveLength(2);
    const [schedule = '', occurrence = ''] = workflowIds();
    expect(written.get(`${schedule}, as stored,`)?.includes('binary/encrypted')).toBe(true);
    // The failures of Postgres, which Temporal keeps with the attempt that succeeded.
    expect(written.get(`${occurrence}, as stored,`)?.includes('23505')).toBe(true);
    expect(written.get(`${occurrence}, decoded,`)).toContain(`"scheduleId":"${scheduleId}"`);
    expect(written.get('metrics of the API')).toMatch(/^notifications_sent_total\{.*\} 2$/m);
    expect(written.get('metrics of the worker')).toMatch(/^worker_notifications_failed_total\{.*\} 1$/m);
    expect(written.get('the log of the worker')).toContain('Activity failed');
  });

  it('no address, phone number, name or content stands in a log, a history, a metric or an error', () => {
    expect(leaksIn(written)).toEqual([]);
  });

  it('nor does a hash of an address', async () => {
    const { rows } = await db.pool.query<{ hash: string }>(
      `select encode(hash, 'hex') as hash from suppression
        union all select encode(hash, 'base64') from suppression
        union all select address_key::text from delivery where address_key is not null`,
    );
    // One address was refused, two people were sent to.
    expect(rows).toHaveLength(4);
    const texts = [...written.values()];
    expect(rows.filter(({ hash }) => texts.some((text) => text.includes(hash)))).toEqual([]);
  });

  it('a text that holds one would have been found', () => {
    for (const [name, text] of written) {
      for (const secret of Object.values(SECRETS)) {
        const planted = new Map([[name, `${text} ${encodeURIComponent(secret).toUpperCase()}`]]);
        expect(leaksIn(planted)).not.toEqual([]);
      }
    }
  });

  it('one correlation id leads from the request to the calls of the provider', () => {
    const asked = linesOf('api').find(({ route, method }) => route === '/v1/schedules' && method === 'POST');
    expect(asked).toMatchObject({ correlationId: CORRELATION_ID, status: 201 });
    const told = linesOf('api').find(({ msg }) => msg === 'a workflow was told of a command');
    expect(told).toMatchObject({ correlationIds: [CORRELATION_ID], scheduleId, version: 1 });
    const page = linesOf('worker').filter(({ msg }) => msg === 'a page was handed to the provider');
    expect(page).toContainEqual(
      expect.objectContaining({
        correlationId: CORRELATION_ID,
        scheduleId,
        provider: 'smtp',
        how: 'done',
        calls: { accepted: 2, rejected: 1 },
        outcomes: { sent: 2, failed: 1 },
      }),
    );
    const calls = linesOf('worker').filter(({ msg }) => msg === 'the provider was called');
    expect(calls.map(({ result }) => String(result)).toSorted()).toEqual([
      'accepted',
      'accepted',
      'rejected',
    ]);
  });
});
