/** Which slice of another stack belongs to each slice of one. The program decides it; it is asked once for two stacks. */
import type { Counterparts } from '../ipc';
import type { Stack } from './stack';

const key_of = (from: Stack, to: Stack): string => `${name_of(from)} ${name_of(to)}`;
/** A stack that grew while it was read is another one. */
const name_of = ({ series, slices }: Stack): string => `${series.series_instance_uid}/${slices.length}`;

export class Links {
  readonly #question: (from: string, to: string) => Promise<Counterparts>;
  #told = new Map<string, Counterparts>();
  #asked = new Map<string, Promise<void>>();

  constructor(question: (from: string, to: string) => Promise<Counterparts>) {
    this.#question = question;
  }

  /** null as long as the program has not answered */
  known(from: Stack, to: Stack): Counterparts | null {
    return this.#told.get(key_of(from, to)) ?? null;
  }

  /** Resolves when it is known; a failed question is asked again the next time. */
  ask(from: Stack, to: Stack): Promise<void> {
    const key = key_of(from, to);
    const asked = this.#asked.get(key);
    if (asked !== undefined) return asked;
    const asking = this.#question(from.series.series_instance_uid, to.series.series_instance_uid)
      .then((told) => void this.#told.set(key, told))
      .catch((failure: unknown) => {
        this.#asked.delete(key);
        throw failure;
      });
    this.#asked.set(key, asking);
    return asking;
  }
}

/** Slices by which a person set the follower beside the leader when both were linked; none where places tell. */
export function apart({ places, by_place }: Counterparts, leader_index: number, follower_index: number): number {
  const place = places[leader_index];
  return place === undefined || by_place[leader_index] === true ? 0 : follower_index - place;
}
