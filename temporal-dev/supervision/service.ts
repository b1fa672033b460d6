/** How one process of the stack is run. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** Another user to run as; only root can ask for it. */
  readonly user?: OsUser;
  /** What asks it to end in order; SIGTERM unless said. */
  readonly stopSignal?: NodeJS.Signals;
}

export interface OsUser {
  readonly uid: number;
  readonly gid: number;
}

/** A process and the question whether it already serves. */
export interface Service {
  readonly command: Command;
  /** One probe; false, or a rejection, means not yet. */
  ready(): Promise<boolean>;
}
