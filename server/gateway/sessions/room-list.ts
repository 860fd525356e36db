import type { Activity, ActivityObject } from '../platforms/platform.ts';

/** The rooms that a session is in by its own wish, to be joined again after a restart. */
export class RoomList {
  readonly #rooms = new Map<string, ActivityObject>();
  #expected: ActivityObject[] = [];

  expect(room: ActivityObject): void {
    this.#rooms.set(keyOf(room), room);
    this.#expected.push(room);
  }

  takeExpected(): ActivityObject[] {
    const expected = this.#expected;
    this.#expected = [];
    return expected;
  }

  /** After `join` or `leave` was done. True if the list changed. */
  note({ type, target }: Activity, result: Activity | undefined): boolean {
    if (!target) return false;
    if (type === 'leave') return this.#rooms.delete(keyOf(target)) || this.#rooms.delete(keyOf(result?.target ?? target));
    if (type !== 'join') return false;
    const key = keyOf(target);
    const isNew = !this.#rooms.has(key);
    this.#rooms.set(key, target);
    return isNew;
  }

  list(): ActivityObject[] {
    return [...this.#rooms.values()];
  }
}

/** The id differs between versions of Sockethub's clients; the name does not. */
function keyOf({ name, id = '' }: ActivityObject): string {
  return (name ?? id).toLowerCase();
}
