import type { JobFailure } from '../store/jobs';

/** What a job cannot go on after, whoever tries. */
export class JobFailed extends Error {
  override readonly name = 'JobFailed';
  constructor(readonly failure: JobFailure) {
    super(failure);
  }
}
