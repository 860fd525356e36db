import { alertmanager } from './alertmanager.ts';
import type { Format } from './format.ts';
import { generic } from './generic.ts';
import { gitea } from './gitea.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { grafana } from './grafana.ts';
import { slack } from './slack.ts';
import { uptimerobot } from './uptimerobot.ts';

/** The first that recognises a delivery reads it: those that go by a header or a telling field come before those that take any text. */
export const formats: readonly Format[] = [gitea, github, gitlab, uptimerobot, grafana, alertmanager, generic, slack];
