/** Vaults, the session and the window. */
import type { Host } from '../../generated/host';
import { failure, type World } from '../world';

export function start(world: World) {
  const start_info = async (): ReturnType<Host['start_info']> => ({
    app_version: '0.1.0',
    trusts_development_key: true,
    vaults: world.vaults.map((place) => ({ ...place })),
    session: world.session,
    settings: world.settings,
    waiting_paths: 0,
    settings_problem: null,
  });
  return {
    subscribe: async (listen) => {
      world.listeners.add(listen);
      return () => world.listeners.delete(listen);
    },
    start_info,
    ui_ready: async () => {
      Object.assign(globalThis, { fake_world: world });
    },
    save_settings: async (settings) => (world.settings = settings),
    choose_vault_folder: async () => '/data/new vault',
    create_vault: async (folder, user) => {
      world.vaults = [{ folder, user, last_opened: Date.now(), exists: true, demo: false }, ...world.vaults];
      return world.enter(user, folder, false);
    },
    unlock: async (folder, user, passphrase) => {
      await new Promise((done) => setTimeout(done, 300));
      if (passphrase === 'wrong')
        throw failure(
          'wrong_passphrase',
          `the user name or the passphrase is wrong for the vault ${folder}; try again`,
        );
      return world.enter(user, folder, false);
    },
    open_demo: async () => world.enter('demo', '/data/demo', true),
    lock: async () => {
      world.session = null;
      world.tell({ kind: 'locked' });
    },
    forget_vault: async (folder) => {
      world.vaults = world.vaults.filter((place) => place.folder !== folder);
      return start_info();
    },
    close: async (stop_jobs) => {
      if (stop_jobs) world.jobs.stop_all();
    },
    toggle_fullscreen: async () => {
      if (document.fullscreenElement === null) await document.documentElement.requestFullscreen();
      else await document.exitFullscreen();
    },
  } satisfies Partial<Host>;
}
