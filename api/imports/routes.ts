import type { FileFormat } from '../../domain/import/format';
import { newId } from '../../platform/new-id';
import { countRunningJobs, createJobUpTo, findJob } from '../../store/jobs';
import { blockContext, dropBlocksWithoutJob, stageBlock } from '../../store/job-blocks';
import type { RouteDeps } from '../deps';
import { ApiError } from '../errors/problem';
import { answer, defineRoute } from '../http/route';
import type { Caller, Route, TakenUpload, UploadSpec } from '../http/route';
import { openUpload } from '../http/upload';
import { jobExample, jobSchema } from '../jobs/schema';
import { jobView } from '../jobs/view';
import { stageFile } from './stage';
import type { StagedFile } from './stage';

const FORMATS = { 'text/csv': 'csv', 'application/x-ndjson': 'ndjson' } as const satisfies Record<
  string,
  FileFormat
>;
const MEDIA_TYPES = ['text/csv', 'application/x-ndjson'] as const;

/** Of one tenant at once: each waits in Postgres with all of its file, and they take turns at the same people. */
const MOST_IMPORTS = 5;
/** An import of usual size is over by then. */
const RETRY_AFTER_SECONDS = 30;

interface ReceivedFile extends StagedFile {
  readonly jobId: string;
  readonly createdAt: Date;
}

export function importRoutes(deps: RouteDeps): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/v1/recipients/import',
      tag: 'Recipients',
      summary: 'Create or replace recipients from a file',
      description:
        'Each row is what a PUT of the recipient would be sent, and is judged alike; the others are imported when some are ' +
        'refused. The file is read as it comes in, may be compressed with gzip, and is answered once all of it is kept; ' +
        'the job tells how far it is and where to read what was refused. Of rows with the same id the last one counts.',
      access: 'notification:write',
      upload: uploadOf(deps),
      errors: ['import.too-many'],
      responses: {
        202: {
          description: 'The job that imports.',
          schema: jobSchema,
          example: {
            ...jobExample,
            status: 'running',
            progress: { done: 0, total: 1_000_000, failed: 0 },
            errorsUrl: null,
            finishedAt: null,
          },
          headers: { Location: 'Path of the job.' },
        },
      },
      async handle({ body: { jobId, spec, blocks, rows, createdAt }, principal, db, afterCommit }) {
        const ref = { tenantId: principal.tenantId, jobId };
        const createdBy = principal.actorId;
        const job = { ...ref, id: jobId, kind: 'import', spec, steps: blocks, total: rows } as const;
        if (!(await createJobUpTo(db, { ...job, createdBy, createdAt }, MOST_IMPORTS))) throw tooMany();
        afterCommit(deps.commandWritten);
        const created = await findJob(db, ref);
        if (!created) throw new Error('A job was made and is not there.');
        return answer(202, jobView(created), { Location: `/v1/jobs/${jobId}` });
      },
    }),
  ];
}

function tooMany(): ApiError {
  return new ApiError('import.too-many', undefined, [], { 'Retry-After': String(RETRY_AFTER_SECONDS) });
}

function uploadOf({ config, keyRing, clock }: RouteDeps): UploadSpec<ReceivedFile> {
  return {
    content: {
      'text/csv': {
        description:
          'RFC 4180 in UTF-8 with a header: `id`, `email`, `phone`, `locale`, `timeZone`; every other column is an ' +
          'attribute, a text unless its name ends with `:number` or `:boolean`. An empty cell says nothing.',
        example: 'id,email,timeZone,first_name,visits:number\nada,ada@example.com,Europe/Vienna,Ada,3\n',
      },
      'application/x-ndjson': {
        description: 'A recipient a line, as for PUT, with its `id`.',
        example: '{"id":"ada","email":"ada@example.com","attributes":{"first_name":"Ada","visits":3}}\n',
      },
    },
    async take(req, { db, principal: { tenantId } }: Caller): Promise<TakenUpload<ReceivedFile>> {
      // Asked again once the file is in: this only spares the caller from sending what will be refused.
      if ((await countRunningJobs(db, { tenantId, kind: 'import' })) >= MOST_IMPORTS) throw tooMany();
      const upload = openUpload(req, MEDIA_TYPES, config.importMaxBytes);
      const createdAt = new Date(clock());
      const jobId = newId('job', createdAt.getTime());
      try {
        const staged = await stageFile(
          FORMATS[upload.mediaType],
          upload.pieces,
          async ({ bytes, ...block }) => {
            const sealed = keyRing.sealByRing(bytes, blockContext(jobId, block.seq));
            await stageBlock(db, jobId, { ...block, sealed }, new Date(clock()));
          },
        );
        return {
          value: { ...staged, jobId, createdAt },
          digest: `${upload.mediaType} ${upload.digest()}`,
          settle: () => dropUnused(),
        };
      } catch (error) {
        await dropUnused();
        throw error;
      }

      /** What cannot be dropped now, because Postgres went away, is forgotten within the hour. */
      async function dropUnused(): Promise<void> {
        await dropBlocksWithoutJob(db, jobId).catch(() => undefined);
      }
    },
  };
}
