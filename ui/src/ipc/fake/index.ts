/**
 * The made-up program: every command of the shell, answered from a seed, so that the interface runs in a plain browser.
 * A command is written once, in the file of its kind in `commands`; one that no file answers does not compile.
 */
import { defaults } from '../../state/defaults';
import type { Host } from '../generated/host';
import { administration } from './commands/administration';
import { report } from './commands/report';
import { start } from './commands/start';
import { study } from './commands/study';
import { worklist } from './commands/worklist';
import { with_odd_pictures } from './odd';
import { failure, World } from './world';

export function fake_host(search: string): Host {
  const world = new World(search, defaults);
  const host: Host = {
    ...start(world),
    ...worklist(world),
    ...study(world),
    ...report(world),
    ...administration(world),
  };
  return fallible(world, new URLSearchParams(search).has('odd') ? with_odd_pictures(host) : host);
}

/** Lets a command wait, and fail where the address asks for it. */
function fallible(world: World, host: Host): Host {
  const wrapped = Object.entries(host).map(([name, run]) => {
    const call = async (...args: unknown[]): Promise<unknown> => {
      await new Promise((done) => setTimeout(done, world.options.slow));
      const code = world.options.fail.get(name);
      if (code !== undefined) throw failure(code, `the command ${name} was asked to fail with '${code}'`);
      return (run as (...args: unknown[]) => unknown)(...args);
    };
    return [name, call];
  });
  return Object.fromEntries(wrapped) as Host;
}
