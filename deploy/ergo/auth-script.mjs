// Ergo's auth-script: one line of JSON in, one out. Usage: auth-script.mjs <control's socket or host:port> <file of the internal secret>
// Ergo starts it for every log-in with a password, so it loads nothing but what it needs, and speaks HTTP/1.0 by hand.
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import process from 'node:process';
import { setTimeout } from 'node:timers';

const [address, secretFile] = process.argv.slice(2);
const LONGEST_WAIT = 8_000;
const LARGEST_LINE = 64 * 1024;

/** Whatever goes wrong, nobody gets in. Ergo logs the reason. */
function refuse(reason) {
  process.stdout.write(`${JSON.stringify({ success: false, accountName: '', error: reason })}\n`, () => process.exit(0));
}

function readLine(whenRead) {
  let line = '';
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (chunk) => {
    line += chunk;
    if (line.length > LARGEST_LINE) return refuse('the line is too long');
    if (!line.includes('\n')) return;
    process.stdin.removeAllListeners('data').pause();
    whenRead(line.slice(0, line.indexOf('\n')));
  });
  process.stdin.on('end', () => !line.includes('\n') && refuse('there was no line'));
}

/** The body of control's answer, if it is one that lets in or refuses. */
function parseAnswer(response) {
  const end = response.indexOf('\r\n\r\n');
  if (!/^HTTP\/1\.[01] 200 /.test(response) || end < 0) throw new Error(`control answered ${response.split('\r\n')[0]}`);
  const answer = JSON.parse(response.slice(end + 4));
  if (typeof answer.success !== 'boolean' || typeof answer.accountName !== 'string') throw new Error('control gave no answer');
  return answer;
}

function ask(line) {
  const body = Buffer.from(line);
  const head = [
    'POST /internal/ergo/auth HTTP/1.0',
    'Host: control',
    `Authorization: Bearer ${readFileSync(secretFile, 'utf8').trim()}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  const colon = address.lastIndexOf(':');
  const target = address.startsWith('/') ? { path: address } : { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
  const socket = net.connect(target);
  let response = '';
  socket.setEncoding('utf8');
  socket.on('error', (error) => refuse(`control cannot be reached: ${error.message}`));
  socket.on('data', (chunk) => {
    response += chunk;
    if (response.length > LARGEST_LINE) socket.destroy(new Error('its answer is too long'));
  });
  socket.on('end', () => {
    try {
      process.stdout.write(`${JSON.stringify(parseAnswer(response))}\n`, () => process.exit(0));
    } catch (error) {
      refuse(error.message);
    }
  });
  socket.write(`${head.join('\r\n')}\r\n\r\n${line}`);
}

setTimeout(() => refuse('control took too long'), LONGEST_WAIT);
readLine((line) => {
  try {
    const { accountName, passphrase } = JSON.parse(line);
    if (typeof accountName !== 'string' || typeof passphrase !== 'string') throw new Error('only names and passwords log in here');
    ask(line);
  } catch (error) {
    refuse(error.message);
  }
});
