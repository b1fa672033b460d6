/** Names, to the process that is profiled, the file of its profile. */
export const PROFILE_VARIABLE = 'SUNDIAL_BENCH_PROFILE';

/** Its existence tells that recording has begun. */
export function beganFile(profile: string): string {
  return `${profile}.began`;
}
