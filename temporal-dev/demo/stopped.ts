/** Why the demo cannot go on, in words that are all a person needs: it is shown without a stack trace. */
export class DemoStopped extends Error {
  override readonly name = 'DemoStopped';
}
