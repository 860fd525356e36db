import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ServerProcess } from './process.ts';

/** A real ngircd: an IRC server that knows little beyond RFC 1459. */
export async function startNgircd(folder: string, port: number, password = ''): Promise<ServerProcess> {
  mkdirSync(folder, { recursive: true });
  const config = path.join(folder, 'ngircd.conf');
  writeFileSync(
    config,
    `[Global]
Name = plain.test
Info = a plain server
AdminInfo1 = test
Listen = 127.0.0.1
Ports = ${port}
MotdPhrase = welcome
${password === '' ? '' : `Password = ${password}`}
[Limits]
MaxConnectionsIP = 0
MaxJoins = 50
MaxPenaltyTime = 0
[Options]
DNS = no
Ident = no
PAM = no
SyslogFacility = local1
`,
  );
  return ServerProcess.start('/usr/sbin/ngircd', ['--nodaemon', '--config', config], port);
}
