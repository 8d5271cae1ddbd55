/** How much the viewer keeps, written by its cache and shown beside the budget in the settings. */
class Memory {
  used_bytes = $state(0);
  frames = $state(0);
}

export const memory = new Memory();
