import { SECOND } from '../domain/time/instant';

/** How much of an import is done at once. */
export interface ImportPace {
  /** How long one attempt goes on before the workflow hears how far it is. */
  readonly stretchMs: number;
  /** Rows of the file for each step at its end. */
  readonly rowsAnEndStep: number;
}

export const IMPORT_PACE: ImportPace = {
  stretchMs: 20 * SECOND,
  rowsAnEndStep: 200_000,
};
