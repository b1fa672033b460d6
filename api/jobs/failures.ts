import type { CodeEntry } from '../../domain/validation/field-codes';
import type { JobFailure } from '../../store/jobs';

/** Why a job can fail as a whole. What it had done by then stays done. */
export const JOB_FAILURES: Record<JobFailure, CodeEntry> = {
  'job.input-lost': {
    title: 'Input lost',
    meaning: 'A part of the file that the job works through is gone or damaged.',
    fix: 'Send the file again: whoever was imported already is merely replaced.',
  },
  'job.stuck': {
    title: 'Stuck',
    meaning:
      'A step of the job failed several times for a reason on our side; the log of the worker names it.',
    fix: 'Report the id of the job, then send the file again.',
  },
  'job.too-many-errors': {
    title: 'Too many errors',
    meaning:
      'More than 100,000 rows of the file were refused, and more than half of those that were looked at: it is probably another file than was meant.',
    fix: 'Look at the first errors, correct the file or its columns, and send it again.',
  },
};
