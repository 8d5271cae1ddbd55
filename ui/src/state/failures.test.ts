import { expect, it } from 'vitest';
import { actions_of_catalogue } from '../actions/catalogue';
import en from '../words/en.json';
import { as_failure, rules } from './failures';

it('says for each code what happened, and names remedies that exist', () => {
  const ids = actions_of_catalogue.map((action) => action.id);
  for (const rule of Object.values(rules)) {
    expect(en).toHaveProperty([rule.words]);
    if (rule.remedy !== null && rule.remedy !== 'retry') expect(ids).toContain(rule.remedy);
  }
});

it('takes whatever was thrown', () => {
  expect(as_failure({ code: 'io', message: 'x' })).toEqual({ code: 'io', message: 'x' });
  expect(as_failure(new Error('boom'))).toEqual({ code: 'internal', message: 'boom' });
  expect(as_failure('text')).toEqual({ code: 'internal', message: 'text' });
  expect(as_failure(null)).toEqual({ code: 'internal', message: 'null' });
});

it('takes a code that it does not know as an error of the program', () => {
  for (const code of ['never_heard_of', 'constructor', 7]) {
    expect(as_failure({ code, message: 'x' })).toEqual({ code: 'internal', message: 'x' });
  }
});
