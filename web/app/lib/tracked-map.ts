import { tracked } from '@glimmer/tracking';

/** A map whose readers are told when it changes. */
export class TrackedMap<K, V> {
  @tracked private version = 0;
  private readonly map: Map<K, V>;

  constructor(entries: Iterable<readonly [K, V]> = []) {
    this.map = new Map(entries);
  }

  get size(): number {
    return this.watched.size;
  }

  get(key: K): V | undefined {
    return this.watched.get(key);
  }

  has(key: K): boolean {
    return this.watched.has(key);
  }

  keys(): K[] {
    return [...this.watched.keys()];
  }

  entries(): [K, V][] {
    return [...this.watched.entries()];
  }

  values(): V[] {
    return [...this.watched.values()];
  }

  set(key: K, value: V): void {
    this.map.set(key, value);
    this.version++;
  }

  delete(key: K): boolean {
    const was = this.map.delete(key);
    if (was) this.version++;
    return was;
  }

  replace(entries: Iterable<readonly [K, V]>): void {
    this.map.clear();
    for (const [key, value] of entries) this.map.set(key, value);
    this.version++;
  }

  private get watched(): Map<K, V> {
    void this.version;
    return this.map;
  }
}
