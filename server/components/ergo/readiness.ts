import net from 'node:net';
import type { TcpAddress } from '../../foundation/topology.ts';
import { parseLine } from '../../foundation/irc-line.ts';

const LARGEST_ANSWER = 16 * 1024;

/** Opens a registration and resolves once Ergo lists its capabilities, SASL among them: without an account nobody gets further. */
export function probeRegistration(address: TcpAddress, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ ...address, signal });
    const settle = (error?: Error): void => {
      socket.destroy();
      if (error) reject(error);
      else resolve();
    };
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write('CAP LS 302\r\nNICK probe\r\nUSER probe 0 * :probe\r\n'));
    socket.on('data', (chunk: string) => {
      answer += chunk;
      if (listsSasl(answer)) settle();
      else if (answer.length > LARGEST_ANSWER) settle(new Error('what answers there does not speak IRC'));
    });
    socket.on('error', settle);
    socket.on('end', () => settle(new Error(`the connection was closed: ${answer.trim().slice(0, 200) || 'without a word'}`)));
  });
}

function listsSasl(answer: string): boolean {
  const whole = answer.split('\r\n').slice(0, -1);
  return whole.some((text) => {
    const line = parseLine(text);
    return line?.command === 'CAP' && line.parameters[1] === 'LS' && /(^| )sasl(=| |$)/.test(line.parameters.at(-1) ?? '');
  });
}
