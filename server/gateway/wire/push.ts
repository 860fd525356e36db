import type { Activity } from '../platforms/platform.ts';
import { writeEnvelope } from './envelope.ts';

/** An activity as it goes over the wire, made once for all the sockets that hear it. */
export interface Push {
  /** Socket.IO's EVENT of the default namespace (socket.io-protocol 5). */
  readonly text: string;
  /** For Engine.IO: the same as a finished frame of the websocket, as Socket.IO's own broadcasts have it. */
  readonly options: { readonly compress: false; readonly wsPreEncodedFrame: readonly Buffer[] };
}

const made = new WeakMap<Activity, Push>();

/** An activity belongs to one platform, so that it alone is the key. */
export function pushOf(platform: string, activity: Activity): Push {
  const known = made.get(activity);
  if (known) return known;
  const text = `2${JSON.stringify(['message', writeEnvelope(platform, activity)])}`;
  const push: Push = { text, options: { compress: false, wsPreEncodedFrame: [frameOf(`4${text}`)] } };
  made.set(activity, push);
  return push;
}

const TEXT = 0x81;

/** RFC 6455, 5.2: one whole text, not masked, as a server sends it. */
export function frameOf(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const start = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = TEXT;
  if (start === 2) frame[1] = length;
  else if (start === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, start);
  return frame;
}
