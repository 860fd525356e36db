import { headline, lines, listAt, textAt, type Body } from './format.ts';

const MOST_COMMITS = 5;

/** What GitHub, GitLab, Gitea and Forgejo tell of a push in nearly the same words. */
export interface Push {
  readonly repository: string;
  readonly by: string;
  /** `refs/heads/main` */
  readonly ref: string;
  readonly isCreated: boolean;
  readonly isDeleted: boolean;
  readonly isForced: boolean;
  /** As far as the list goes. */
  readonly total: number;
  readonly link: string;
  readonly commits: readonly Body[];
}

export function describePush(push: Push): string {
  const { repository, by, link, total, commits } = push;
  const [kind, name] = push.ref.startsWith('refs/tags/') ? ['tag', push.ref.slice(10)] : ['branch', push.ref.replace(/^refs\/heads\//, '')];
  if (push.isDeleted) return `[${repository}] ${by} deleted ${kind} ${name}`;
  const made = push.isCreated ? `created ${kind} ${name}` : '';
  if (commits.length === 0) return `[${repository}] ${by} ${made || `pushed to ${name}`}${link && ` ${link}`}`;
  const count = `${push.isForced ? 'force-' : ''}pushed ${total} ${total === 1 ? 'commit' : 'commits'} to ${name}`;
  const shown = commits.slice(0, MOST_COMMITS).map((commit) => {
    const author = textAt(commit, 'author', 'username') || textAt(commit, 'author', 'name');
    return `  ${textAt(commit, 'id').slice(0, 7)} ${headline(textAt(commit, 'message'))}${author && ` (${author})`}`;
  });
  const rest = total - shown.length;
  return lines(`[${repository}] ${by} ${count}${link && ` ${link}`}`, ...shown, rest > 0 ? `  … and ${rest} more` : undefined);
}

/** `[repository] who did what: title address` */
export function sentence(repository: string, by: string, deed: string, title: string, link: string): string {
  return `[${repository}] ${by} ${deed}${title && `: ${headline(title)}`}${link && ` ${link}`}`;
}

/** The first lines of what somebody wrote, as a quotation. */
export function quote(text: string, most = 3): string | undefined {
  const all = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (all.length === 0) return undefined;
  const shown = all.slice(0, most).map((line) => `> ${headline(line, 200)}`);
  return lines(...shown, all.length > most ? '> …' : undefined);
}

export function commitsOf(body: Body): Body[] {
  return listAt(body, 'commits');
}
