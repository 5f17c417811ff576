/** One scanner for each phone: two tabs would be one device that lets a ticket in twice, and no conflict would be seen. */

const NAME = "turnout-scanner";

export class Place {
  private isHere = false;

  /** Whether this tab may scan. `steal` takes the place from the tab that has it; `lost` is called when another takes it from this one. */
  take(lost: () => void, steal = false): Promise<boolean> {
    // Plain http has no locks: there the volunteer has to see to it.
    if (this.isHere || !("locks" in navigator)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const hold = (lock: Lock | null): Promise<never> | null => {
        this.isHere = lock !== null;
        resolve(this.isHere);
        return this.isHere ? new Promise<never>(() => undefined) : null;
      };
      const gone = (): void => {
        resolve(true);
        if (this.isHere) lost();
        this.isHere = false;
      };
      navigator.locks.request(NAME, steal ? { steal } : { ifAvailable: true }, hold).catch(gone);
    });
  }
}
