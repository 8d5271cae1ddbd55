import { describe, expect, it } from 'vitest';
import { pairs } from './details';

describe('the particulars of an audit row', () => {
  it('are pairs, however deep they lie', () => {
    expect(pairs('{"format":"pdf","changes":[{"table":"review","id":7},{"table":"worklist"}],"frames":[0,1]}')).toEqual(
      [
        { name: 'format', value: 'pdf' },
        { name: 'changes[1].table', value: 'review' },
        { name: 'changes[1].id', value: '7' },
        { name: 'changes[2].table', value: 'worklist' },
        { name: 'frames', value: '0, 1' },
      ],
    );
  });

  it('are one line where they are no JSON, and none where there is nothing', () => {
    expect(pairs('opened {the vault}')).toEqual([{ name: '', value: 'opened {the vault}' }]);
    expect(pairs('"text"')).toEqual([{ name: '', value: 'text' }]);
    expect([pairs(''), pairs('{}'), pairs('null'), pairs('[]')]).toEqual([[], [], [], [{ name: '', value: '' }]]);
  });
});
