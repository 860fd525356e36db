import { KosmosError } from '../../../foundation/errors.ts';

const LONGEST_SIDE = 2_048;

interface Picture {
  readonly type: 'image/png' | 'image/jpeg' | 'image/webp';
  readonly width: number;
  readonly height: number;
}

/** The type of a picture by its own bytes, whatever it was called. Throws KOSMOS_ERR_LOGO_INVALID. */
export function checkLogo(bytes: Buffer): Picture['type'] {
  const picture = readPng(bytes) ?? readJpeg(bytes) ?? readWebp(bytes);
  if (!picture) throw new KosmosError('KOSMOS_ERR_LOGO_INVALID', { reason: 'it is no PNG, JPEG or WebP' });
  const { type, width, height } = picture;
  const fits = width > 0 && height > 0 && width <= LONGEST_SIDE && height <= LONGEST_SIDE;
  if (!fits) throw new KosmosError('KOSMOS_ERR_LOGO_INVALID', { reason: `it is ${width} × ${height}, and may be ${LONGEST_SIDE} a side` });
  return type;
}

/** https://www.w3.org/TR/png-3/#5DataRep: a signature, then the chunk IHDR. */
function readPng(bytes: Buffer): Picture | undefined {
  const isPng = bytes.length > 24 && bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex')) && at(bytes, 12, 'IHDR');
  return isPng ? { type: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) } : undefined;
}

/** Segments up to the frame header (ITU T.81, B.1): SOF0 to SOF15 but for DHT, JPG and DAC. */
function readJpeg(bytes: Buffer): Picture | undefined {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return undefined;
  for (let place = 2; place + 9 < bytes.length && bytes[place] === 0xff;) {
    const marker = bytes[place + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { type: 'image/jpeg', height: bytes.readUInt16BE(place + 5), width: bytes.readUInt16BE(place + 7) };
    place += 2 + bytes.readUInt16BE(place + 2);
  }
  return undefined;
}

/** https://developers.google.com/speed/webp/docs/riff_container: lossy, lossless or extended. */
function readWebp(bytes: Buffer): Picture | undefined {
  if (bytes.length < 30 || !at(bytes, 0, 'RIFF') || !at(bytes, 8, 'WEBP')) return undefined;
  const size = (width: number, height: number): Picture => ({ type: 'image/webp', width, height });
  if (at(bytes, 12, 'VP8 ')) return size(bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff);
  if (at(bytes, 12, 'VP8X')) return size(bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1);
  if (!at(bytes, 12, 'VP8L')) return undefined;
  const packed = bytes.readUInt32LE(21);
  return size((packed & 0x3fff) + 1, ((packed >>> 14) & 0x3fff) + 1);
}

function at(bytes: Buffer, place: number, text: string): boolean {
  return bytes.toString('latin1', place, place + text.length) === text;
}
