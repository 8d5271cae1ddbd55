/** Which screen is shown, and of which study. Not in the address: a window has no address, and a UID in one would leak. */
export type Route = { screen: string; study: string | null };

class RouteState {
  now = $state.raw<Route>({ screen: 'worklist', study: null });
  /** the study opened last; reading and report come back to it */
  study = $state.raw<string | null>(null);
  /** the version of a bundle that Models shows first, once */
  bundle = $state.raw<{ name: string; version: string } | null>(null);
  /** the worklist's order around the open study, for next and previous; kept by the worklist */
  neighbours = $state.raw<
    ((study_instance_uid: string) => Promise<{ previous: string | null; next: string | null }>) | null
  >(null);

  go(screen: string, study: string | null = this.study): void {
    if (study !== null) this.study = study;
    this.now = { screen, study };
  }

  forget(): void {
    this.now = { screen: 'worklist', study: null };
    this.study = null;
    this.neighbours = null;
    this.bundle = null;
  }
}

export const route = new RouteState();
