/** Text that is still on its way to the vault. Whoever holds some stores it here before the vault is locked or the window closes. */
const savers = new Set<() => Promise<void>>();

export function on_save_now(save: () => Promise<void>): () => void {
  savers.add(save);
  return () => savers.delete(save);
}

/** Ends when everything is stored; what fails tells so itself and holds nothing up. */
export async function save_now(): Promise<void> {
  await Promise.allSettled([...savers].map((save) => save()));
}
