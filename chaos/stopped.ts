/** Why a round cannot go on, in words that are all a person needs: it is shown without a stack trace. */
export class ChaosStopped extends Error {
  override readonly name = 'ChaosStopped';
}
