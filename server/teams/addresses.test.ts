import { describe, expect, it } from 'vitest';
import { addressableName } from './addresses.ts';

const id = '0a1b2c3d-0000-4000-8000-000000000000';

describe('the name of a channel in an address', () => {
  it('stays as it is on IRC', () => {
    expect(addressableName('irc', 'straße', id)).toBe('straße');
  });

  it('is folded as XMPP servers do', () => {
    expect(addressableName('xmpp', 'straße', id)).toBe('strasse');
    expect(addressableName('xmpp', 'λόγος', id)).toBe('λόγοσ');
    expect(addressableName('xmpp', 'café_日本-2', id)).toBe('café_日本-2');
  });

  it('is made of the channel’s id where a localpart cannot hold it', () => {
    expect(addressableName('xmpp', 'שלום2', id)).toBe('channel-0a1b2c3d');
    expect(addressableName('xmpp', '٤٢', id)).toBe('channel-0a1b2c3d');
  });
});
